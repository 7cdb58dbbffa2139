#include "frame.h"

#include <string.h>

#include "doorstep_mcu.h"

#define HEADER 2u
#define CRC 4u
#define MOST_NESTING_ELEMENTS 64u /* skipped at most, in all, behind what we know */

/* CRC-32 of IEEE 802.3, reflected, four bits at a time: 64 bytes of table. */
uint32_t dm_crc32(const uint8_t *bytes, size_t count)
{
    static const uint32_t table[16] = {
        0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
        0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
        0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ table[crc & 15u];
        crc = (crc >> 4) ^ table[crc & 15u];
    }
    return ~crc;
}

size_t dm_cobs_encode(const uint8_t *bytes, size_t count, uint8_t *out)
{
    size_t code_at = 0, to = 1;
    uint8_t code = 1;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            out[to++] = bytes[i];
            code++;
        }
        if (bytes[i] == 0 || (code == 0xFF && i + 1 < count)) {
            out[code_at] = code;
            code_at = to++;
            code = 1;
        }
    }
    out[code_at] = code;
    return to;
}

size_t dm_cobs_decode(const uint8_t *bytes, size_t count, uint8_t *out)
{
    size_t from = 0, to = 0;
    while (from < count) {
        uint8_t code = bytes[from++];
        if (code == 0 || (size_t)(code - 1) > count - from)
            return 0;
        for (uint8_t i = 1; i < code; i++) {
            if (bytes[from] == 0)
                return 0;
            out[to++] = bytes[from++];
        }
        if (code != 0xFF && from < count)
            out[to++] = 0;
    }
    return to;
}

int dm_frame_open(const uint8_t *piece, size_t count, uint8_t *frame)
{
    if (count == 0 || count > DM_WIRE_BYTES - 1)
        return -1;
    size_t length = dm_cobs_decode(piece, count, frame);
    if (length < HEADER + 1 + CRC || length > DM_FRAME_BYTES)
        return -1;
    length -= CRC;
    const uint8_t *told = frame + length;
    uint32_t crc = (uint32_t)told[0] | (uint32_t)told[1] << 8 | (uint32_t)told[2] << 16 |
                   (uint32_t)told[3] << 24;
    if (crc != dm_crc32(frame, length))
        return -1;
    return (int)(length - HEADER);
}

size_t dm_frame_close(uint8_t *frame, size_t length, uint8_t *wire)
{
    if (length + CRC > DM_FRAME_BYTES)
        return 0;
    uint32_t crc = dm_crc32(frame, length);
    for (unsigned i = 0; i < CRC; i++)
        frame[length++] = (uint8_t)(crc >> (8 * i));
    size_t count = dm_cobs_encode(frame, length, wire);
    wire[count++] = 0;
    return count;
}

/* -- reading msgpack -- */

static uint32_t big_endian(dm_reader_t *reader, unsigned bytes)
{
    uint32_t value = 0;
    if ((size_t)(reader->end - reader->at) < bytes) {
        reader->bad = true;
        return 0;
    }
    while (bytes-- > 0)
        value = value << 8 | *reader->at++;
    return value;
}

static uint8_t next_byte(dm_reader_t *reader)
{
    return (uint8_t)big_endian(reader, 1);
}

static bool take_element(dm_reader_t *reader)
{
    if (reader->left == 0)
        reader->bad = true;
    if (reader->bad)
        return false;
    reader->left--;
    return true;
}

dm_reader_t dm_read_array(const uint8_t *body, size_t count)
{
    dm_reader_t reader = {body, body + count, 0, false};
    uint8_t tag = next_byte(&reader);
    if ((tag & 0xF0) == 0x90)
        reader.left = tag & 15u;
    else if (tag == 0xDC)
        reader.left = big_endian(&reader, 2);
    else
        reader.bad = true;
    return reader;
}

uint32_t dm_read_u32(dm_reader_t *reader)
{
    if (!take_element(reader))
        return 0;
    uint8_t tag = next_byte(reader);
    if (tag <= 0x7F)
        return tag;
    if (tag >= 0xCC && tag <= 0xCE)
        return big_endian(reader, 1u << (tag - 0xCC));
    reader->bad = true;
    return 0;
}

int32_t dm_read_i32(dm_reader_t *reader)
{
    if (!take_element(reader))
        return 0;
    uint8_t tag = next_byte(reader);
    if (tag <= 0x7F)
        return tag;
    if (tag >= 0xE0)
        return (int32_t)tag - 256;
    if (tag >= 0xCC && tag <= 0xCE) {
        uint32_t value = big_endian(reader, 1u << (tag - 0xCC));
        if (value <= INT32_MAX)
            return (int32_t)value;
    } else if (tag == 0xD0) {
        int32_t value = (int32_t)next_byte(reader);
        return value < 0x80 ? value : value - 0x100;
    } else if (tag == 0xD1) {
        int32_t value = (int32_t)big_endian(reader, 2);
        return value < 0x8000 ? value : value - 0x10000;
    } else if (tag == 0xD2) {
        uint32_t value = big_endian(reader, 4);
        if (value <= INT32_MAX)
            return (int32_t)value;
        return (int32_t)(value - 0x80000000u) + INT32_MIN;
    }
    reader->bad = true;
    return 0;
}

static void skip_bytes(dm_reader_t *reader, uint32_t count)
{
    if ((size_t)(reader->end - reader->at) < count)
        reader->bad = true;
    else
        reader->at += count;
}

/* Take one element of any kind; returns how many more its inside holds. */
static uint32_t skip_one(dm_reader_t *reader)
{
    static const uint8_t widths[] = {1, 2, 4}; /* of the lengths in 8, 16 and 32 bits */
    uint8_t tag = next_byte(reader);
    if (tag <= 0x7F || tag >= 0xE0 || tag == 0xC0 || tag == 0xC2 || tag == 0xC3)
        return 0;
    if ((tag & 0xF0) == 0x80)
        return 2u * (tag & 15u);
    if ((tag & 0xF0) == 0x90)
        return tag & 15u;
    if ((tag & 0xE0) == 0xA0)
        skip_bytes(reader, tag & 31u);
    else if (tag >= 0xC4 && tag <= 0xC6)
        skip_bytes(reader, big_endian(reader, widths[tag - 0xC4]));
    else if (tag == 0xCA || tag == 0xCE || tag == 0xD2)
        skip_bytes(reader, 4);
    else if (tag == 0xCB || tag == 0xCF || tag == 0xD3)
        skip_bytes(reader, 8);
    else if (tag == 0xCC || tag == 0xD0)
        skip_bytes(reader, 1);
    else if (tag == 0xCD || tag == 0xD1)
        skip_bytes(reader, 2);
    else if (tag >= 0xD9 && tag <= 0xDB)
        skip_bytes(reader, big_endian(reader, widths[tag - 0xD9]));
    else if (tag == 0xDC)
        return big_endian(reader, 2);
    else
        reader->bad = true; /* longer than a frame, or an extension */
    return 0;
}

bool dm_read_end(dm_reader_t *reader)
{
    uint32_t waiting = reader->left, skipped = 0;
    while (waiting > 0 && !reader->bad) {
        waiting += skip_one(reader);
        waiting--;
        if (++skipped > MOST_NESTING_ELEMENTS)
            reader->bad = true;
    }
    return !reader->bad && reader->at == reader->end;
}

/* -- writing msgpack: always the shortest form -- */

static void put(dm_writer_t *writer, uint8_t tag, uint32_t value, unsigned bytes)
{
    if ((size_t)(writer->end - writer->at) < bytes + 1u) {
        writer->bad = true;
        return;
    }
    *writer->at++ = tag;
    while (bytes-- > 0)
        *writer->at++ = (uint8_t)(value >> (8 * bytes));
}

void dm_write_array(dm_writer_t *writer, uint8_t count)
{
    if (count <= 15)
        put(writer, (uint8_t)(0x90u | count), 0, 0);
    else
        put(writer, 0xDC, count, 2);
}

void dm_write_u32(dm_writer_t *writer, uint32_t value)
{
    if (value <= 0x7F)
        put(writer, (uint8_t)value, 0, 0);
    else if (value <= 0xFF)
        put(writer, 0xCC, value, 1);
    else if (value <= 0xFFFF)
        put(writer, 0xCD, value, 2);
    else
        put(writer, 0xCE, value, 4);
}

void dm_write_i32(dm_writer_t *writer, int32_t value)
{
    if (value == DM_UNKNOWN)
        put(writer, 0xC0, 0, 0);
    else if (value >= 0)
        dm_write_u32(writer, (uint32_t)value);
    else if (value >= -32)
        put(writer, (uint8_t)(value + 256), 0, 0);
    else if (value >= -128)
        put(writer, 0xD0, (uint32_t)value & 0xFFu, 1);
    else if (value >= -32768)
        put(writer, 0xD1, (uint32_t)value & 0xFFFFu, 2);
    else
        put(writer, 0xD2, (uint32_t)value, 4);
}

void dm_write_bytes(dm_writer_t *writer, const uint8_t *bytes, uint8_t count)
{
    put(writer, 0xC4, count, 1);
    if (writer->bad || (size_t)(writer->end - writer->at) < count) {
        writer->bad = true;
        return;
    }
    memcpy(writer->at, bytes, count);
    writer->at += count;
}
