"""Certificates and passwords, as vehicle.toml names them, against a real mosquitto."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.config import BrokerSection
from edge.errors import ConfigError, LinkError
from edge.uplink.mqtt import connector_of
from tests.real.mosquitto.broker import Mosquitto, find_mosquitto

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mosquitto")]

TOPIC = "fleet/v1/acme/van-1/up/status"


class Authority:
    """Signs certificates for as long as a test."""

    def __init__(self, folder, name):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.crt"
        self._write(self.file, self._certificate(self.name, self.key, authority=True))

    def issue(self, name):
        """Write NAME.crt and NAME.key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._write(self.folder / f"{name}.crt", self._certificate(subject, key))
        (self.folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _certificate(self, subject, key, *, authority=False):
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _write(self, file, certificate):
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def folder(tmp_path):
    """Certificates of an authority `fleet`, of another one, and of the broker."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    fleet, other = Authority(tmp_path, "fleet"), Authority(tmp_path, "other")
    fleet.issue("broker")
    fleet.issue("van-1")
    other.issue("van-2")
    return tmp_path


@pytest.fixture
def guarded(folder):
    lines = [
        f"cafile {folder / 'fleet.crt'}",
        f"certfile {folder / 'broker.crt'}",
        f"keyfile {folder / 'broker.key'}",
        "require_certificate true",
        "use_identity_as_username true",
    ]
    with Mosquitto(folder, lines=lines) as running:
        yield running


async def meet(broker, folder, **section):
    """Connect as the section says and hear what was said."""
    section = BrokerSection(host="127.0.0.1", port=broker.port, timeout_s=5.0, **section)
    async with connector_of(section, folder, client_id="van-1")((TOPIC,), None) as link:
        await link.publish(TOPIC, b"here", qos=1)
        async for name, payload in link.messages():
            assert (name, payload) == (TOPIC, b"here")
            return


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_vehicle_with_its_certificate_is_let_in(guarded, folder, protocol):
    await meet(
        guarded,
        folder,
        protocol=protocol,
        ca_file="fleet.crt",
        certificate_file="van-1.crt",
        key_file="van-1.key",
    )


@pytest.mark.parametrize(
    "files",
    [
        {"ca_file": "fleet.crt"},
        {"ca_file": "other.crt", "certificate_file": "van-1.crt", "key_file": "van-1.key"},
        {"ca_file": "fleet.crt", "certificate_file": "van-2.crt", "key_file": "van-2.key"},
        {"ca_file": "fleet.crt", "certificate_file": "van-1.crt", "key_file": "van-2.key"},
        {"ca_file": "gone.crt"},
        {},
    ],
    ids=[
        "none of ours",
        "another broker",
        "of another fleet",
        "wrong key",
        "no file",
        "no TLS",
    ],
)
async def test_whoever_has_not_is_a_lost_link(guarded, folder, files):
    with pytest.raises(LinkError):
        await meet(guarded, folder, **files)


@pytest.fixture
def passworded(folder):
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed: it comes with mosquitto")
    passwords = folder / "passwords"
    subprocess.run([program, "-b", "-c", str(passwords), "van-1", "secret"], check=True)
    (folder / "right").write_text("secret\n")
    (folder / "wrong").write_text("guess\n")
    lines = ["allow_anonymous false", f"password_file {passwords}"]
    with Mosquitto(folder, lines=lines) as running:
        yield running


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_password_is_read_from_its_file_and_a_wrong_one_is_named(
    passworded, folder, protocol
):
    way = {"username": "van-1", "protocol": protocol}
    await meet(passworded, folder, password_file="right", **way)
    with pytest.raises(LinkError, match=r"(?i)not authori[sz]ed"):
        await meet(passworded, folder, password_file="wrong", **way)


def test_a_password_file_that_is_not_there_is_the_operators_to_mend(tmp_path):
    section = BrokerSection(host="127.0.0.1", password_file="gone")
    with pytest.raises(ConfigError, match=r"broker\.password_file.*gone"):
        connector_of(section, tmp_path, client_id="van-1")
