/* Frames: COBS around type, seq, a positional msgpack array and CRC-32, a zero behind. */
#ifndef DOORSTEP_FRAME_H
#define DOORSTEP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint32_t dm_crc32(const uint8_t *bytes, size_t count);

/* Write count bytes as COBS without the zero; returns the length: at most count + count/254 + 1. */
size_t dm_cobs_encode(const uint8_t *bytes, size_t count, uint8_t *out);

/* Undo it, in place if wanted; returns the length, 0 if the bytes are no COBS. */
size_t dm_cobs_decode(const uint8_t *bytes, size_t count, uint8_t *out);

/* Check one piece between two zeros; `frame` gets type, seq and body. Returns the length of the
 * body, or -1 if it is damaged. `frame` needs DM_WIRE_BYTES. */
int dm_frame_open(const uint8_t *piece, size_t count, uint8_t *frame);

/* Close type, seq and body, `length` bytes with room for four more, into `wire`, which needs
 * DM_WIRE_BYTES. Returns the bytes on the wire, the zero included; 0 if it is too long. */
size_t dm_frame_close(uint8_t *frame, size_t length, uint8_t *wire);

/* What is read from a body; the first fault sticks. */
typedef struct {
    const uint8_t *at, *end;
    uint32_t left; /* elements of the array */
    bool bad;
} dm_reader_t;

dm_reader_t dm_read_array(const uint8_t *body, size_t count);
uint32_t dm_read_u32(dm_reader_t *reader);
int32_t dm_read_i32(dm_reader_t *reader);
/* Take what newer hosts may have added; true if all of the body was sound. */
bool dm_read_end(dm_reader_t *reader);

typedef struct {
    uint8_t *at, *end;
    bool bad;
} dm_writer_t;

void dm_write_array(dm_writer_t *writer, uint8_t count);
void dm_write_u32(dm_writer_t *writer, uint32_t value);
/* DM_UNKNOWN is written as nil. */
void dm_write_i32(dm_writer_t *writer, int32_t value);
void dm_write_bytes(dm_writer_t *writer, const uint8_t *bytes, uint8_t count);

#endif
