/* What the files of the controller call of each other; the board includes doorstep_mcu.h only. */
#ifndef DOORSTEP_PARTS_H
#define DOORSTEP_PARTS_H

#include "doorstep_mcu.h"

/* telling.c */
void dm_say_hello(dm_t *mcu, uint32_t now_ms);
void dm_say_beat(dm_t *mcu, uint32_t host_ms, uint32_t now_ms);
void dm_say_answer(dm_t *mcu, uint32_t number, uint8_t reason);
void dm_say_status(dm_t *mcu, uint32_t now_ms);
void dm_say_oldest_event(dm_t *mcu, uint32_t now_ms);
void dm_keep_event(dm_t *mcu, uint8_t kind, uint8_t compartment, uint32_t now_ms);

/* safety.c */
bool dm_is_silent(const dm_t *mcu, uint32_t now_ms);
void dm_end_leases(dm_t *mcu);
void dm_settle(dm_t *mcu, uint32_t now_ms);
uint8_t dm_judge_unlock(const dm_t *mcu, uint32_t compartment, uint32_t expires_ms, uint32_t nonce,
                        uint32_t now_ms);
uint8_t dm_judge_move(const dm_t *mcu, uint8_t type, uint32_t until_ms, uint32_t now_ms);
uint8_t dm_judge_siren(const dm_t *mcu, uint32_t until_ms, uint32_t now_ms);

#endif
