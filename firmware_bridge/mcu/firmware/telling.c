/* What the controller says; nothing is decided here. */
#include <string.h>

#include "frame.h"
#include "parts.h"

#define MOST_BODY (DM_FRAME_BYTES - 6)

typedef struct {
    uint8_t frame[DM_FRAME_BYTES];
    dm_writer_t body;
} dm_words_t;

static void begin(dm_t *mcu, dm_words_t *words, uint8_t type, uint8_t count)
{
    words->frame[0] = type;
    words->frame[1] = mcu->seq++;
    words->body = (dm_writer_t){words->frame + 2, words->frame + 2 + MOST_BODY, false};
    dm_write_array(&words->body, count);
}

/* What finds no room is left out: states come again, events are kept until acknowledged. */
static void say(dm_t *mcu, dm_words_t *words)
{
    uint8_t wire[DM_WIRE_BYTES];
    if (words->body.bad)
        return;
    size_t count = dm_frame_close(words->frame, (size_t)(words->body.at - words->frame), wire);
    if (count == 0 || count > DM_OUT_BYTES - mcu->out_length)
        return;
    memcpy(mcu->out + mcu->out_length, wire, count);
    mcu->out_length += count;
}

void dm_say_hello(dm_t *mcu, uint32_t now_ms)
{
    dm_words_t words;
    begin(mcu, &words, DM_HELLO, 9);
    dm_write_u32(&words.body, DM_PROTOCOL);
    dm_write_bytes(&words.body, mcu->who.firmware, sizeof mcu->who.firmware);
    dm_write_u32(&words.body, mcu->who.capabilities);
    dm_write_u32(&words.body, mcu->who.boot_id);
    dm_write_u32(&words.body, mcu->who.reset_cause);
    dm_write_u32(&words.body, mcu->who.compartments);
    dm_write_u32(&words.body, mcu->last_number);
    dm_write_u32(&words.body, mcu->nonce);
    dm_write_u32(&words.body, now_ms);
    say(mcu, &words);
}

void dm_say_beat(dm_t *mcu, uint32_t host_ms, uint32_t now_ms)
{
    dm_words_t words;
    begin(mcu, &words, DM_BEAT, 3);
    dm_write_u32(&words.body, host_ms);
    dm_write_u32(&words.body, now_ms);
    dm_write_u32(&words.body, mcu->who.boot_id);
    say(mcu, &words);
}

void dm_say_answer(dm_t *mcu, uint32_t number, uint8_t reason)
{
    dm_words_t words;
    begin(mcu, &words, DM_ANSWER, 4);
    dm_write_u32(&words.body, number);
    dm_write_u32(&words.body, reason);
    dm_write_u32(&words.body, mcu->nonce);
    dm_write_u32(&words.body, mcu->who.boot_id);
    say(mcu, &words);
}

void dm_say_status(dm_t *mcu, uint32_t now_ms)
{
    dm_words_t words;
    dm_outputs_t outputs = dm_outputs(mcu, now_ms);
    uint32_t flags = (mcu->greeted ? DM_FLAG_GREETED : 0u) | (mcu->heard ? 0u : DM_FLAG_SILENT) |
                     (mcu->sensors.stop_pressed ? DM_FLAG_STOPPED : 0u) |
                     (outputs.siren ? DM_FLAG_SIREN : 0u);
    begin(mcu, &words, DM_STATUS, 15);
    dm_write_u32(&words.body, mcu->who.boot_id);
    dm_write_u32(&words.body, now_ms);
    dm_write_u32(&words.body, flags);
    dm_write_i32(&words.body, outputs.speed_mmps);
    dm_write_i32(&words.body, outputs.turn_mradps);
    dm_write_array(&words.body, mcu->who.compartments);
    for (unsigned i = 0; i < mcu->who.compartments; i++)
        dm_write_i32(&words.body, mcu->sensors.doors[i]);
    dm_write_array(&words.body, mcu->who.compartments);
    for (unsigned i = 0; i < mcu->who.compartments; i++)
        dm_write_i32(&words.body, mcu->sensors.bolts[i]);
    dm_write_i32(&words.body, mcu->sensors.lid);
    dm_write_i32(&words.body, mcu->sensors.tilt_cdeg);
    dm_write_i32(&words.body, mcu->sensors.lifted);
    dm_write_i32(&words.body, mcu->sensors.temperature_cc);
    dm_write_i32(&words.body, mcu->sensors.winch_mm);
    dm_write_i32(&words.body, mcu->sensors.battery_mv);
    dm_write_u32(&words.body, mcu->lost_events);
    dm_write_u32(&words.body, mcu->refused_frames);
    say(mcu, &words);
}

void dm_say_oldest_event(dm_t *mcu, uint32_t now_ms)
{
    if (mcu->event_count == 0)
        return;
    const dm_event_t *event = &mcu->events[0];
    dm_words_t words;
    begin(mcu, &words, DM_EVENT, 6);
    dm_write_u32(&words.body, mcu->who.boot_id);
    dm_write_u32(&words.body, event->event_id);
    dm_write_u32(&words.body, event->at_ms);
    dm_write_u32(&words.body, event->kind);
    dm_write_u32(&words.body, event->compartment);
    dm_write_u32(&words.body, event->number);
    say(mcu, &words);
    mcu->event_sent_ms = now_ms;
}

/* The oldest are kept: a full memory refuses the newest and counts it. */
void dm_keep_event(dm_t *mcu, uint8_t kind, uint8_t compartment, uint32_t now_ms)
{
    if (mcu->event_count == DM_MOST_EVENTS) {
        mcu->lost_events++;
        return;
    }
    dm_event_t *event = &mcu->events[mcu->event_count++];
    *event = (dm_event_t){mcu->next_event++, now_ms, mcu->compartments[compartment].number, kind,
                          compartment};
    if (mcu->event_count == 1)
        dm_say_oldest_event(mcu, now_ms);
}
