/* The controller of lid, compartments, winch and wheels: the last word on safety.
 *
 * A reference for firmware: C99, no heap, no libc but memcpy and memset, every loop and buffer
 * bounded. The board calls dm_receive with what its UART read, dm_sense with what its sensors
 * say, dm_tick at least every 20 ms, sends what dm_outgoing gives, and sets its pins to what
 * dm_outputs says, which is safe whatever was or was not called before it.
 *
 * Times are milliseconds since boot in uint32_t; they may wrap.
 */
#ifndef DOORSTEP_MCU_H
#define DOORSTEP_MCU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_PROTOCOL 1u
#define DM_MOST_COMPARTMENTS 8
#define DM_MOST_EVENTS 16
#define DM_MOST_ANSWERS 8
#define DM_FRAME_BYTES 248  /* type, seq, body and CRC; 250 with COBS and the zero after it */
#define DM_WIRE_BYTES 250
#define DM_OUT_BYTES 1024

#define DM_SILENT_MS 300u        /* without a beat of the host for so long: safe state */
#define DM_LONGEST_LEASE_MS 500u
#define DM_LONGEST_SIREN_MS 30000u   /* as a car's alarm; then it ends by itself */
#define DM_LONGEST_UNLOCK_MS 30000u  /* an order to unlock may not lie about for longer */
#define DM_HOLD_MS 5000u         /* an unlocked door that nobody opens is locked again */
#define DM_JAM_MS 1000u          /* a bolt that has not moved by then is jammed */
#define DM_STATUS_MS 100u
#define DM_RESEND_MS 500u

#define DM_UNKNOWN INT32_MIN     /* of every sensor: never 0 */

enum dm_type {
    DM_HOST_HELLO = 0x01, /* [protocol, boot_id] ; boot_id 0 asks who is there */
    DM_HOST_BEAT = 0x02,  /* [host_ms] */
    DM_UNLOCK = 0x03,     /* [number, compartment, expires_ms, nonce] */
    DM_LOCK = 0x04,       /* [number, compartment] */
    DM_DRIVE = 0x05,      /* [number, until_ms, speed_mmps, turn_mradps] ; right is positive */
    DM_LID = 0x06,        /* [number, until_ms, direction] ; 1 opens, -1 closes */
    DM_WINCH = 0x07,      /* [number, until_ms, speed_mmps] ; letting out is positive */
    DM_STOP = 0x08,       /* [number] */
    DM_EVENT_ACK = 0x09,  /* [boot_id, event_id] ; this event and all before it */
    DM_SIREN = 0x0A,      /* [number, until_ms, on] ; 0 ends it, until_ms is then the order's own */

    DM_HELLO = 0x81,  /* [protocol, firmware, capabilities, boot_id, reset_cause, compartments,
                         last_number, nonce, mcu_ms] */
    DM_BEAT = 0x82,   /* [host_ms, mcu_ms, boot_id] */
    DM_ANSWER = 0x83, /* [number, reason, nonce, boot_id] */
    DM_STATUS = 0x84, /* [boot_id, mcu_ms, flags, speed_mmps, turn_mradps, doors, bolts, lid,
                         tilt_cdeg, lifted, temperature_cc, winch_mm, battery_mv, lost_events,
                         refused_frames] */
    DM_EVENT = 0x85   /* [boot_id, event_id, at_ms, kind, compartment, number] */
};

enum dm_reason {
    DM_ACCEPTED = 0,
    DM_EXPIRED = 1,
    DM_OUT_OF_ORDER = 2,
    DM_WRONG_NONCE = 3,
    DM_NO_SUCH_PART = 4,
    DM_MOVING = 5,
    DM_NOT_CLOSED = 6,   /* a door or the lid is open, unlocked or unknown */
    DM_TOO_LONG = 7,     /* the lease, or the time to the expiry */
    DM_NOT_GREETED = 8,
    DM_EVENTS_FULL = 9,
    DM_STOPPED = 10,     /* the physical stop is pressed */
    DM_LIFTED = 11,      /* or not known to stand on the ground */
    DM_MALFORMED = 12,
    DM_SILENT = 13       /* no beat of the host in the last 300 ms */
};

enum dm_capability {
    DM_WHEELS = 1,
    DM_HAS_LID = 2,
    DM_HAS_WINCH = 4,
    DM_LIFT_SENSOR = 8,
    DM_HAS_SIREN = 16
};

enum dm_flag { DM_FLAG_GREETED = 1, DM_FLAG_SILENT = 2, DM_FLAG_STOPPED = 4, DM_FLAG_SIREN = 8 };

enum dm_event_kind { DM_OPENED = 1, DM_CLOSED = 2, DM_FORCED = 3, DM_JAMMED = 4 };

typedef struct {
    uint8_t firmware[8];
    uint32_t boot_id; /* another one at each boot, never 0 */
    uint32_t seed;    /* chance of the board, for nonces */
    uint8_t reset_cause;
    uint8_t capabilities;
    uint8_t compartments;
} dm_identity_t;

typedef struct {
    int32_t doors[DM_MOST_COMPARTMENTS]; /* 0 closed, 1 open, DM_UNKNOWN */
    int32_t bolts[DM_MOST_COMPARTMENTS]; /* 0 drawn back, 1 locked, DM_UNKNOWN */
    int32_t lid;                         /* 0 closed, 1 open, DM_UNKNOWN */
    int32_t tilt_cdeg, lifted, temperature_cc, winch_mm, battery_mv;
    bool stop_pressed;
} dm_sensors_t;

typedef struct {
    int32_t speed_mmps, turn_mradps, lid, winch_mmps;
    bool drawn[DM_MOST_COMPARTMENTS]; /* true: draw this bolt back; false: locked */
    bool siren;
} dm_outputs_t;

typedef struct {
    uint32_t until_ms;
    bool active;
} dm_lease_t;

typedef struct {
    uint32_t event_id, at_ms, number;
    uint8_t kind, compartment;
} dm_event_t;

typedef struct {
    uint32_t number;
    uint8_t reason;
} dm_answer_t;

typedef struct {
    uint32_t since_ms, number;
    int32_t last_door;
    bool drawn, opened, told_jam;
} dm_compartment_t;

typedef struct {
    dm_identity_t who;
    dm_sensors_t sensors;
    dm_compartment_t compartments[DM_MOST_COMPARTMENTS];
    bool greeted, heard;
    uint32_t heard_ms, last_number, nonce;
    dm_lease_t wheels, lid, winch, siren;
    int32_t speed_mmps, turn_mradps, lid_direction, winch_mmps;
    dm_event_t events[DM_MOST_EVENTS];
    uint8_t event_count;
    uint32_t next_event, event_sent_ms, lost_events, refused_frames, status_ms;
    dm_answer_t answers[DM_MOST_ANSWERS];
    uint8_t answer_count, answer_next;
    uint8_t seq;
    uint8_t in[DM_WIRE_BYTES];
    size_t in_length;
    bool in_overrun;
    uint8_t out[DM_OUT_BYTES];
    size_t out_length;
} dm_t;

void dm_start(dm_t *mcu, const dm_identity_t *who, uint32_t now_ms);
void dm_receive(dm_t *mcu, const uint8_t *bytes, size_t count, uint32_t now_ms);
void dm_sense(dm_t *mcu, const dm_sensors_t *sensors, uint32_t now_ms);
void dm_tick(dm_t *mcu, uint32_t now_ms);
/* Move at most `most` bytes for the wire to `bytes`; returns how many. */
size_t dm_outgoing(dm_t *mcu, uint8_t *bytes, size_t most);
dm_outputs_t dm_outputs(const dm_t *mcu, uint32_t now_ms);

#endif
