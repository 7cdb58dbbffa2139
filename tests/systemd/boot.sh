#!/bin/sh
# Boot a second systemd in namespaces of its own, over a copy-on-write view of this machine's
# root, with our units and a stub of the daemon. As root:  boot.sh HIERARCHY_NAME UNITS STUB
#
# Nothing of it is left: the files are on a tmpfs of the private mount namespace, and the control
# groups lie below one group per hierarchy, which the caller removes.
set -e
name=$1 units=$2 stub=$3

if [ "$4" != inside ]; then
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
        # A cpuset of no processors takes no process; systemd does without it.
        [ -e "$hierarchy/cgroup.procs" ] && [ ! -e "$hierarchy/cpuset.cpus" ] || continue
        mkdir -p "$hierarchy/$name"
        echo $$ >"$hierarchy/$name/cgroup.procs"
    done
    exec unshare --pid --mount --uts --ipc --cgroup --net --fork --kill-child \
        "$0" "$name" "$units" "$stub" inside
fi

mount --make-rprivate /
mount -t tmpfs private /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work private /mnt/root
root=/mnt/root

rm -rf $root/etc/systemd/system/* $root/etc/udev $root/var/lib/private/doorstep
: >$root/etc/machine-id
cp "$units"/*.service $root/etc/systemd/system/
for unit in systemd-udevd systemd-udev-trigger systemd-tmpfiles-setup-dev systemd-logind \
    systemd-networkd systemd-resolved systemd-timesyncd systemd-hwdb-update systemd-binfmt; do
    ln -s /dev/null $root/etc/systemd/system/$unit.service
done
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >$root/etc/systemd/system/test.target
mkdir -p $root/opt/doorstep/current/bin $root/etc/doorstep/van-7.keys
install -m 0755 "$stub" $root/opt/doorstep/current/bin/doorstep-edge
(umask 077 && echo secret >$root/etc/doorstep/van-7.keys/signing.key)
chmod 0700 $root/etc/doorstep/van-7.keys

mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t tmpfs tmpfs $root/run
mount -t tmpfs tmpfs $root/tmp
mount -t tmpfs tmpfs $root/dev
for node in null:3 zero:5 full:7 random:8 urandom:9 foreign:11; do
    mknod -m 0666 $root/dev/${node%:*} c 1 ${node#*:}
done
mknod -m 0666 $root/dev/tty c 5 0
mknod -m 0660 $root/dev/ttyS0 c 4 64
chgrp dialout $root/dev/ttyS0
mkdir $root/dev/pts $root/dev/shm

cd $root
mkdir -p mnt/old
pivot_root . mnt/old
mount --make-rshared / # otherwise the folder of credentials stays empty
umount -l /mnt/old
ip link set lo up 2>/dev/null || true
export container=other
exec /lib/systemd/systemd --system --unit=test.target --log-target=null --show-status=0
