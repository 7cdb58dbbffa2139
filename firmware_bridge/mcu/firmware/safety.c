/* What is safe: leases, silence, doors and bolts; and whether an order may be carried out. */
#include <string.h>

#include "parts.h"

static bool is_over(uint32_t until_ms, uint32_t now_ms)
{
    return (int32_t)(until_ms - now_ms) <= 0;
}

static bool holds(const dm_lease_t *lease, uint32_t now_ms)
{
    return lease->active && !is_over(lease->until_ms, now_ms);
}

bool dm_is_silent(const dm_t *mcu, uint32_t now_ms)
{
    return !mcu->heard || now_ms - mcu->heard_ms >= DM_SILENT_MS;
}

/* Every door and the lid are known to be closed, and every bolt is meant to be locked. */
static bool is_closed(const dm_t *mcu)
{
    for (unsigned i = 0; i < mcu->who.compartments; i++)
        if (mcu->sensors.doors[i] != 0 || mcu->compartments[i].drawn)
            return false;
    return !(mcu->who.capabilities & DM_HAS_LID) || mcu->sensors.lid == 0;
}

static bool is_on_ground(const dm_t *mcu)
{
    return !(mcu->who.capabilities & DM_LIFT_SENSOR) || mcu->sensors.lifted == 0;
}

/* What moves. The siren goes on: who cuts the cable or presses the stop does not silence it. */
void dm_end_leases(dm_t *mcu)
{
    mcu->wheels.active = mcu->lid.active = mcu->winch.active = false;
}

static void tend_compartment(dm_t *mcu, uint8_t index, uint32_t now_ms)
{
    dm_compartment_t *one = &mcu->compartments[index];
    int32_t door = mcu->sensors.doors[index], before = one->last_door;
    uint32_t since_ms = now_ms - one->since_ms;
    if (door != DM_UNKNOWN)
        one->last_door = door;
    if (door == 1 && before == 0) {
        dm_keep_event(mcu, one->drawn ? DM_OPENED : DM_FORCED, index, now_ms);
        one->opened = one->drawn;
    } else if (door == 0 && before == 1) {
        dm_keep_event(mcu, DM_CLOSED, index, now_ms);
        if (one->opened)
            one->drawn = one->opened = false;
    }
    if (!one->drawn)
        return;
    if (!one->opened && !one->told_jam && mcu->sensors.bolts[index] == 1 && since_ms >= DM_JAM_MS) {
        one->told_jam = true;
        dm_keep_event(mcu, DM_JAMMED, index, now_ms);
    }
    /* A bolt is not driven out while the door stands open. */
    if (door != 1 && (since_ms >= DM_HOLD_MS || dm_is_silent(mcu, now_ms)))
        one->drawn = one->opened = false;
}

void dm_settle(dm_t *mcu, uint32_t now_ms)
{
    if (dm_is_silent(mcu, now_ms)) {
        mcu->heard = false; /* said here, so that no wrap of the clock makes it young again */
        dm_end_leases(mcu);
    }
    if (mcu->sensors.stop_pressed)
        dm_end_leases(mcu);
    if (!is_closed(mcu) || !is_on_ground(mcu))
        mcu->wheels.active = false;
    mcu->wheels.active = holds(&mcu->wheels, now_ms);
    mcu->lid.active = holds(&mcu->lid, now_ms);
    mcu->winch.active = holds(&mcu->winch, now_ms);
    mcu->siren.active = holds(&mcu->siren, now_ms);
    for (uint8_t i = 0; i < mcu->who.compartments; i++)
        tend_compartment(mcu, i, now_ms);
}

uint8_t dm_judge_unlock(const dm_t *mcu, uint32_t compartment, uint32_t expires_ms,
                            uint32_t nonce, uint32_t now_ms)
{
    if (compartment >= mcu->who.compartments)
        return DM_NO_SUCH_PART;
    if (is_over(expires_ms, now_ms))
        return DM_EXPIRED;
    if (expires_ms - now_ms > DM_LONGEST_UNLOCK_MS)
        return DM_TOO_LONG;
    if (nonce != mcu->nonce)
        return DM_WRONG_NONCE;
    if (mcu->wheels.active || mcu->winch.active)
        return DM_MOVING;
    if (mcu->event_count + 2 > DM_MOST_EVENTS)
        return DM_EVENTS_FULL; /* nothing is done that could not be told */
    return DM_ACCEPTED;
}

uint8_t dm_judge_move(const dm_t *mcu, uint8_t type, uint32_t until_ms, uint32_t now_ms)
{
    static const uint8_t needs[] = {DM_WHEELS, DM_HAS_LID, DM_HAS_WINCH};
    if (!(mcu->who.capabilities & needs[type - DM_DRIVE]))
        return DM_NO_SUCH_PART;
    if (is_over(until_ms, now_ms))
        return DM_EXPIRED;
    if (until_ms - now_ms > DM_LONGEST_LEASE_MS)
        return DM_TOO_LONG;
    if (mcu->sensors.stop_pressed)
        return DM_STOPPED;
    if (type == DM_LID && mcu->wheels.active)
        return DM_MOVING;
    if (type == DM_DRIVE && (mcu->lid.active || !is_closed(mcu)))
        return DM_NOT_CLOSED;
    if (type == DM_DRIVE && !is_on_ground(mcu))
        return DM_LIFTED;
    return DM_ACCEPTED;
}

uint8_t dm_judge_siren(const dm_t *mcu, uint32_t until_ms, uint32_t now_ms)
{
    if (!(mcu->who.capabilities & DM_HAS_SIREN))
        return DM_NO_SUCH_PART;
    if (is_over(until_ms, now_ms))
        return DM_EXPIRED;
    if (until_ms - now_ms > DM_LONGEST_SIREN_MS)
        return DM_TOO_LONG;
    return DM_ACCEPTED;
}

dm_outputs_t dm_outputs(const dm_t *mcu, uint32_t now_ms)
{
    dm_outputs_t outputs;
    memset(&outputs, 0, sizeof outputs);
    for (unsigned i = 0; i < mcu->who.compartments; i++)
        outputs.drawn[i] = mcu->compartments[i].drawn;
    outputs.siren = holds(&mcu->siren, now_ms);
    if (dm_is_silent(mcu, now_ms) || mcu->sensors.stop_pressed)
        return outputs;
    if (holds(&mcu->wheels, now_ms) && is_closed(mcu) && is_on_ground(mcu)) {
        outputs.speed_mmps = mcu->speed_mmps;
        outputs.turn_mradps = mcu->turn_mradps;
    }
    if (holds(&mcu->lid, now_ms))
        outputs.lid = mcu->lid_direction;
    if (holds(&mcu->winch, now_ms))
        outputs.winch_mmps = mcu->winch_mmps;
    return outputs;
}
