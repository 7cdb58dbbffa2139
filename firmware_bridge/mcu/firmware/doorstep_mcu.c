/* What the board calls, and how orders are taken. */
#include "doorstep_mcu.h"

#include <string.h>

#include "frame.h"
#include "parts.h"

static void remember(dm_t *mcu, uint32_t number, uint8_t reason)
{
    mcu->answers[mcu->answer_next] = (dm_answer_t){number, reason};
    mcu->answer_next = (uint8_t)((mcu->answer_next + 1) % DM_MOST_ANSWERS);
    if (mcu->answer_count < DM_MOST_ANSWERS)
        mcu->answer_count++;
}

static void unlock(dm_t *mcu, dm_reader_t *body, uint32_t number, uint32_t now_ms)
{
    uint32_t compartment = dm_read_u32(body), expires_ms = dm_read_u32(body);
    uint32_t nonce = dm_read_u32(body);
    uint8_t reason = dm_judge_unlock(mcu, compartment, expires_ms, nonce, now_ms);
    if (reason == DM_ACCEPTED) {
        dm_compartment_t *one = &mcu->compartments[compartment];
        one->drawn = true;
        one->opened = one->last_door == 1;
        one->told_jam = false;
        one->since_ms = now_ms;
        one->number = number;
        mcu->nonce = mcu->nonce * 1664525u + 1013904223u;
    }
    remember(mcu, number, reason);
    dm_say_answer(mcu, number, reason);
}

static void lock(dm_t *mcu, dm_reader_t *body, uint32_t number)
{
    uint32_t compartment = dm_read_u32(body);
    uint8_t reason = compartment < mcu->who.compartments ? DM_ACCEPTED : DM_NO_SUCH_PART;
    /* An open door locks itself once it is closed. */
    if (reason == DM_ACCEPTED && mcu->sensors.doors[compartment] != 1)
        mcu->compartments[compartment].drawn = mcu->compartments[compartment].opened = false;
    remember(mcu, number, reason);
    dm_say_answer(mcu, number, reason);
}

static void move(dm_t *mcu, uint8_t type, dm_reader_t *body, uint32_t number, uint32_t now_ms)
{
    uint32_t until_ms = dm_read_u32(body);
    int32_t first = dm_read_i32(body), turn = type == DM_DRIVE ? dm_read_i32(body) : 0;
    uint8_t reason = dm_judge_move(mcu, type, until_ms, now_ms);
    if (reason == DM_ACCEPTED) {
        dm_lease_t lease = {until_ms, true};
        if (type == DM_DRIVE) {
            mcu->wheels = lease;
            mcu->speed_mmps = first;
            mcu->turn_mradps = turn;
        } else if (type == DM_LID) {
            mcu->lid = lease;
            mcu->lid_direction = (first > 0) - (first < 0);
        } else {
            mcu->winch = lease;
            mcu->winch_mmps = first;
        }
    }
    dm_say_answer(mcu, number, reason);
}

static void sound(dm_t *mcu, dm_reader_t *body, uint32_t number, uint32_t now_ms)
{
    uint32_t until_ms = dm_read_u32(body);
    int32_t on = dm_read_i32(body);
    uint8_t reason = dm_judge_siren(mcu, until_ms, now_ms);
    if (reason == DM_ACCEPTED)
        mcu->siren = (dm_lease_t){until_ms, on != 0};
    remember(mcu, number, reason);
    dm_say_answer(mcu, number, reason);
}

static bool is_leased(uint8_t type)
{
    return (type >= DM_DRIVE && type <= DM_WINCH) || type == DM_SIREN;
}

/* True if the body is the array of numbers that this type has, and perhaps more behind. */
static bool is_sound(uint8_t type, const uint8_t *bytes, size_t count)
{
    dm_reader_t body = dm_read_array(bytes, count);
    dm_read_u32(&body);
    if (type == DM_HOST_HELLO || type == DM_LOCK || type == DM_EVENT_ACK || type == DM_UNLOCK ||
        is_leased(type))
        dm_read_u32(&body);
    if (type == DM_UNLOCK) {
        dm_read_u32(&body);
        dm_read_u32(&body);
    }
    if (is_leased(type))
        dm_read_i32(&body);
    if (type == DM_DRIVE)
        dm_read_i32(&body);
    return dm_read_end(&body);
}

static void greet(dm_t *mcu, uint32_t protocol, uint32_t boot_id, uint32_t now_ms)
{
    if (protocol == DM_PROTOCOL && boot_id == mcu->who.boot_id) {
        mcu->greeted = true;
        dm_say_status(mcu, now_ms);
        return;
    }
    mcu->greeted = mcu->heard = false; /* another host, or one that knows nothing yet */
    dm_end_leases(mcu);
    dm_say_hello(mcu, now_ms);
}

static void beat(dm_t *mcu, uint32_t host_ms, uint32_t now_ms)
{
    if (mcu->greeted) {
        mcu->heard = true;
        mcu->heard_ms = now_ms;
    }
    dm_say_beat(mcu, host_ms, now_ms);
}

static void forget_events(dm_t *mcu, uint32_t boot_id, uint32_t event_id, uint32_t now_ms)
{
    uint8_t done = 0;
    if (boot_id != mcu->who.boot_id || event_id >= mcu->next_event)
        return;
    while (done < mcu->event_count && mcu->events[done].event_id <= event_id)
        done++;
    if (done == 0)
        return;
    mcu->event_count = (uint8_t)(mcu->event_count - done);
    for (uint8_t i = 0; i < mcu->event_count; i++)
        mcu->events[i] = mcu->events[i + done];
    dm_say_oldest_event(mcu, now_ms);
}

/* Return true if the order is to be judged; else it was answered or needs none. */
static bool is_in_order(dm_t *mcu, uint8_t type, uint32_t number, uint32_t now_ms)
{
    uint8_t reason = DM_ACCEPTED;
    for (uint8_t i = 0; i < mcu->answer_count; i++)
        if ((type == DM_UNLOCK || type == DM_LOCK || type == DM_SIREN) &&
            mcu->answers[i].number == number) {
            dm_say_answer(mcu, number, mcu->answers[i].reason); /* the same again: no second deed */
            return false;
        }
    if (!mcu->greeted)
        reason = DM_NOT_GREETED;
    else if (number <= mcu->last_number)
        reason = DM_OUT_OF_ORDER;
    else if (dm_is_silent(mcu, now_ms) && type != DM_LOCK)
        reason = DM_SILENT;
    if (reason == DM_OUT_OF_ORDER && number == mcu->last_number)
        return false; /* a wire's echo of what was just answered */
    if (reason != DM_ACCEPTED)
        dm_say_answer(mcu, number, reason);
    else
        mcu->last_number = number;
    return reason == DM_ACCEPTED;
}

static void obey(dm_t *mcu, uint8_t type, const uint8_t *bytes, size_t count, uint32_t now_ms)
{
    if (type < DM_HOST_HELLO || type > DM_SIREN || !is_sound(type, bytes, count)) {
        mcu->refused_frames++;
        return;
    }
    dm_reader_t body = dm_read_array(bytes, count);
    uint32_t first = dm_read_u32(&body);
    if (type == DM_HOST_HELLO)
        greet(mcu, first, dm_read_u32(&body), now_ms);
    else if (type == DM_HOST_BEAT)
        beat(mcu, first, now_ms);
    else if (type == DM_EVENT_ACK)
        forget_events(mcu, first, dm_read_u32(&body), now_ms);
    else if (type == DM_STOP) {
        dm_end_leases(mcu); /* whoever asks, and in whatever order */
        if (first > mcu->last_number && mcu->greeted)
            mcu->last_number = first;
        dm_say_answer(mcu, first, DM_ACCEPTED);
    } else if (is_in_order(mcu, type, first, now_ms)) {
        if (type == DM_UNLOCK)
            unlock(mcu, &body, first, now_ms);
        else if (type == DM_LOCK)
            lock(mcu, &body, first);
        else if (type == DM_SIREN)
            sound(mcu, &body, first, now_ms);
        else
            move(mcu, type, &body, first, now_ms);
    }
}

static void take_piece(dm_t *mcu, uint32_t now_ms)
{
    uint8_t frame[DM_WIRE_BYTES];
    int length = mcu->in_overrun ? -1 : dm_frame_open(mcu->in, mcu->in_length, frame);
    if (length >= 0)
        obey(mcu, frame[0], frame + 2, (size_t)length, now_ms);
    else if (mcu->in_overrun || mcu->in_length > 0)
        mcu->refused_frames++;
    mcu->in_length = 0;
    mcu->in_overrun = false;
}

void dm_start(dm_t *mcu, const dm_identity_t *who, uint32_t now_ms)
{
    memset(mcu, 0, sizeof *mcu);
    mcu->who = *who;
    if (mcu->who.compartments > DM_MOST_COMPARTMENTS)
        mcu->who.compartments = DM_MOST_COMPARTMENTS;
    mcu->nonce = who->seed ^ who->boot_id;
    mcu->next_event = 1;
    mcu->status_ms = now_ms;
    dm_sensors_t *sensors = &mcu->sensors;
    for (unsigned i = 0; i < DM_MOST_COMPARTMENTS; i++) {
        sensors->doors[i] = sensors->bolts[i] = DM_UNKNOWN;
        mcu->compartments[i].last_door = DM_UNKNOWN;
    }
    sensors->lid = sensors->tilt_cdeg = sensors->lifted = DM_UNKNOWN;
    sensors->temperature_cc = sensors->winch_mm = sensors->battery_mv = DM_UNKNOWN;
    dm_say_hello(mcu, now_ms);
}

void dm_receive(dm_t *mcu, const uint8_t *bytes, size_t count, uint32_t now_ms)
{
    dm_settle(mcu, now_ms);
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == 0)
            take_piece(mcu, now_ms);
        else if (mcu->in_length == DM_WIRE_BYTES - 1)
            mcu->in_overrun = true;
        else
            mcu->in[mcu->in_length++] = bytes[i];
    }
}

void dm_sense(dm_t *mcu, const dm_sensors_t *sensors, uint32_t now_ms)
{
    mcu->sensors = *sensors;
    dm_settle(mcu, now_ms);
}

void dm_tick(dm_t *mcu, uint32_t now_ms)
{
    dm_settle(mcu, now_ms);
    if (mcu->event_count > 0 && now_ms - mcu->event_sent_ms >= DM_RESEND_MS)
        dm_say_oldest_event(mcu, now_ms);
    if (now_ms - mcu->status_ms >= DM_STATUS_MS) {
        mcu->status_ms = now_ms;
        dm_say_status(mcu, now_ms);
    }
}

size_t dm_outgoing(dm_t *mcu, uint8_t *bytes, size_t most)
{
    size_t count = mcu->out_length < most ? mcu->out_length : most;
    memcpy(bytes, mcu->out, count);
    mcu->out_length -= count;
    for (size_t i = 0; i < mcu->out_length; i++)
        mcu->out[i] = mcu->out[i + count];
    return count;
}
