"""Rules of a robot's leg that has been interrupted: stopped, helped, tampered with, lost."""

from edge.messages.facts import AssistanceBegan, AssistanceSteered, MachineTampered
from edge.sidewalk import events as e
from edge.sidewalk.change import (
    AGAIN_S,
    HELP_AFTER_S,
    Change,
    ask,
    begun,
    call_for_help,
    changed,
    enter,
    give_up,
    lasts_s,
    stop,
    wake,
)
from edge.sidewalk.progress import DriveProgress, Phase, Seen
from edge.sidewalk.rules.in_motion import comes_back, go, locate, vetoed

BEAT_S = 2.0  # works.md S6
WAY_WITHIN_S = 30.0
HELPED_MPS = 1.0


def look_stopped(progress: DriveProgress, event: e.Looked) -> Change:
    """Try again what was refused, at its time; call for a person after a while."""
    seen = event.seen
    if lasts_s(progress, seen) > HELP_AFTER_S or progress.then is None:
        called = call_for_help(progress, seen, "it stands and does not go on by itself")
        if called.facts:
            return called
    if progress.again_s is None or progress.then is None or seen.now_s < progress.again_s:
        return Change(progress)
    here, _ = locate(progress, seen)
    if here is None:
        return Change(progress)
    if seen.armed is False:
        return wake(here, seen, "its motors are off")
    if here.tries:  # from now on with every look, under one new number: a motion is a lease
        here = changed(here, asked=here.asked + 1, tries=0)
    return go(here, seen)


def stopped_answered(progress: DriveProgress, event: e.Answered) -> Change:
    """Go on, once what was tried again is taken; that it holds says nothing."""
    if progress.tries or progress.then is None:
        return Change(progress)
    if not event.done:
        return Change(_later(progress, event.seen))
    return enter(progress, progress.then, event.seen)


def stopped_vetoed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Stay where it is; only a fence or an empty battery needs another way."""
    if event.reason in ("fence", "zone", "energy", "site") and progress.again_s is not None:
        return vetoed(progress, event)
    return Change(progress if event.reason == "lease" else _later(progress, event.seen))


def _later(progress: DriveProgress, seen: Seen) -> DriveProgress:
    if progress.again_s is None:
        return progress
    return changed(progress, again_s=seen.now_s + AGAIN_S, tries=1)


def look_seeking(progress: DriveProgress, event: e.Looked) -> Change:
    """Not for ever."""
    if lasts_s(progress, event.seen) > WAY_WITHIN_S:
        return stop(progress, event.seen, "no other way was found", None, None)
    return Change(progress)


def reroute(progress: DriveProgress, event: e.Rerouted) -> Change:
    """Take another way to the same end; with another end, the stop is left first."""
    plan = event.plan
    if plan.stop_id == progress.leg.stop_id and plan.purpose == progress.leg.purpose:
        after = changed(progress, plan=plan, along_m=None, waited=0, then=None)
        return enter(after, Phase.DRIVING, event.seen, event.why)
    given_up = give_up(progress, event.why)
    entered = enter(begun(plan, progress.asked), Phase.DRIVING, event.seen, event.why)
    return entered.with_facts(*given_up.facts)


def order(progress: DriveProgress, event: e.Ordered) -> Change:
    """Do what somebody decided."""
    seen, why = event.seen, event.why
    match event.what:
        case "hold":
            return stop(progress, seen, why, comes_back(progress), None)
        case "go_on":
            if progress.phase is not Phase.STOPPED:
                return Change(progress)
            if seen.armed is False:
                return wake(progress, seen, why)
            return enter(progress, progress.then or Phase.DRIVING, seen, why)
        case _:
            given_up = give_up(progress, why)
            stopped = stop(given_up.progress, seen, why, None, None)
            return stopped.with_facts(*given_up.facts)


def help_came(progress: DriveProgress, event: e.HelpCame) -> Change:
    """Stand, and let a person move it slowly; who and for how long is kept first."""
    began = AssistanceBegan(operator=event.operator, lasts_s=event.lasts_s)
    helped = changed(progress, operator=event.operator, moves=0, then=comes_back(progress))
    return enter(helped, Phase.ASSISTED, event.seen, "", e.Stay).with_facts(began)


def steered(progress: DriveProgress, event: e.Steered) -> Change:
    """Move as that person says, or stand, while the lease lives; the wish is kept first."""
    if event.operator != progress.operator or lost(progress, event.seen):
        return Change(progress)
    speed_mps = min(event.speed_mps, HELPED_MPS)
    place = event.place if speed_mps > 0 else None
    if place is not None and (place, speed_mps) == (progress.goal, progress.goal_mps):
        return Change(progress)  # said again
    fact = AssistanceSteered(operator=event.operator, place=place, speed_mps=speed_mps)
    told = changed(
        progress, goal=place, goal_mps=speed_mps, moves=progress.moves + 1, refused=""
    )
    if place is None:
        return ask(told, e.Stay).with_facts(fact)
    began = changed(told, asked=told.asked + 1, waits=True)
    return _go_helped(began).with_facts(fact)


def look_assisted(progress: DriveProgress, event: e.Looked) -> Change:
    """Stop as soon as the beats do: it never goes on with the last command."""
    why = lost(progress, event.seen)
    return _helped(progress, event.seen, why, None) if why else _go_helped(progress)


def _go_helped(progress: DriveProgress) -> Change:
    """Renew the motion to where that person wants it."""
    if progress.goal is None:
        return Change(progress)
    return Change(
        progress,
        (),
        (e.GoHelped(number=progress.asked, place=progress.goal, speed_mps=progress.goal_mps),),
    )


def helped_vetoed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Go there no more: that person sees why, and decides anew."""
    if progress.goal is None:
        return Change(progress)
    return Change(changed(progress, goal=None, refused=event.why))


def help_went(progress: DriveProgress, event: e.HelpWent) -> Change:
    """Stand, and go on by itself once it has stood."""
    if event.operator != progress.operator:
        return Change(progress)
    again_s = event.seen.now_s + AGAIN_S
    return _helped(progress, event.seen, "given back", again_s)


def lost(progress: DriveProgress, seen: Seen) -> str:
    """Return why nobody helps from afar any more; empty if somebody does."""
    helper = seen.helper
    if helper is None or helper.operator != progress.operator:
        # The lease begins with the phase; the first beat may still be under way.
        return "" if lasts_s(progress, seen) <= BEAT_S else "no beat came"
    if seen.now_s >= helper.until_s:
        return "the time to help is over"
    silent_s = seen.now_s - helper.heard_s
    return f"not heard for {silent_s:.1f} s" if silent_s > BEAT_S else ""


def _helped(progress: DriveProgress, seen: Seen, why: str, again_s: float | None) -> Change:
    # Where a person has put it is anywhere along its way.
    after = changed(progress, along_m=None)
    then = progress.then if again_s is not None else None
    told = f"{progress.operator} no longer helps: {why}"
    return stop(after, seen, told, then, again_s)


def tampered(progress: DriveProgress, seen: Seen, what: str) -> Change:
    """Lock and sound the siren, until a person has looked (S7).

    The siren comes first: bolts are several orders, the next after the answer to the last.
    """
    fact = MachineTampered(what=what, place=seen.place)
    then = progress.then if progress.phase is Phase.SYNCING else progress.phase
    locked = enter(changed(progress, then=then), Phase.TAMPERED, seen, what, e.Stay)
    number = locked.progress.asked
    more = (e.SoundSiren(number=number, on=True), e.BoltAll(number=number))
    return Change(locked.progress, (fact, *locked.facts), (*locked.actions, *more))
