/* What the tests call of the firmware: the controller as an opaque thing, and its parts. */
#include <stdio.h>

#include "doorstep_mcu.h"
#include "frame.h"

size_t face_size(void) { return sizeof(dm_t); }

/* Open a frame of plain numbers, read each and write it again. Returns the bytes on the wire. */
int face_again(const uint8_t *piece, size_t count, uint8_t *wire)
{
    uint8_t frame[DM_WIRE_BYTES], again[DM_WIRE_BYTES];
    int length = dm_frame_open(piece, count, frame);
    if (length < 0)
        return -1;
    dm_reader_t body = dm_read_array(frame + 2, (size_t)length), peek;
    dm_writer_t writer = {again + 2, again + DM_FRAME_BYTES - 4, false};
    again[0] = frame[0];
    again[1] = frame[1];
    dm_write_array(&writer, (uint8_t)body.left);
    while (body.left > 0 && !body.bad) {
        peek = body;
        uint32_t value = dm_read_u32(&peek);
        if (peek.bad) {
            dm_write_i32(&writer, dm_read_i32(&body));
        } else {
            dm_write_u32(&writer, value);
            body = peek;
        }
    }
    if (!dm_read_end(&body) || writer.bad)
        return -2;
    return (int)dm_frame_close(again, (size_t)(writer.at - again), wire);
}

#ifdef FACE_MAIN
/* Records from stdin: op, milliseconds to let pass (2 bytes), count (2 bytes), bytes.
 * Op 0 receives the bytes, 1 takes them as doors, 2 ticks. What it says goes to stdout. */
int main(void)
{
    static dm_t mcu;
    static uint8_t bytes[65536], out[DM_OUT_BYTES];
    dm_identity_t who = {{1, 2, 3, 4, 5, 6, 7, 8}, 77, 99, 1, 31, 3};
    uint32_t now_ms = 0xFFFF0000u; /* wraps on the way */
    uint8_t head[5];
    dm_start(&mcu, &who, now_ms);
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t count = (size_t)(head[3] | head[4] << 8);
        now_ms += (uint32_t)(head[1] | head[2] << 8);
        if (fread(bytes, 1, count, stdin) != count)
            return 1;
        if (head[0] == 0) {
            dm_receive(&mcu, bytes, count, now_ms);
        } else if (head[0] == 1) {
            dm_sensors_t sensors = mcu.sensors;
            for (size_t i = 0; i < DM_MOST_COMPARTMENTS && i < count; i++)
                sensors.doors[i] = bytes[i] < 2 ? bytes[i] : DM_UNKNOWN;
            sensors.lid = sensors.lifted = 0;
            dm_sense(&mcu, &sensors, now_ms);
        } else {
            dm_tick(&mcu, now_ms);
        }
        dm_outputs_t outputs = dm_outputs(&mcu, now_ms);
        (void)outputs;
        fwrite(out, 1, dm_outgoing(&mcu, out, sizeof out), stdout);
    }
    return 0;
}
#endif
