"""What is known of the autopilot: for people who ask, and the facts of its coming and going."""

from edge.messages.facts import AutopilotChecked, AutopilotFound, AutopilotLost
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotReading,
    AutopilotState,
    BatteryReading,
    LinkQuality,
    ParametersChecked,
)

AutopilotFact = AutopilotFound | AutopilotLost | AutopilotChecked


class AutopilotWatch:
    """Follows the words of one autopilot."""

    def __init__(self) -> None:
        self._presence: AutopilotPresence | None = None
        self._state: AutopilotState | None = None
        self._batteries: dict[int, BatteryReading] = {}
        self._quality: LinkQuality | None = None
        self._checked: ParametersChecked | None = None
        self._told: tuple[str, ...] | None = None
        self._found = False

    @property
    def warning(self) -> str:
        """What people on the vehicle should know; empty when all is well."""
        presence, checked = self._presence, self._checked
        if presence is None:
            return "The autopilot has not been heard yet."
        if not presence.present:
            return f"The autopilot is lost: {presence.why or 'no heartbeat'}."
        if not presence.manner:
            return f"The autopilot cannot be driven: {presence.why}."
        if presence.missing:
            return f"The autopilot does not send {', '.join(presence.missing)}."
        if checked is not None and checked.problems:
            return f"The autopilot must not set out: {'; '.join(checked.problems)}"
        return ""

    def hear(self, word: AutopilotReading) -> tuple[AutopilotFact, ...]:
        """Take a word; return the facts it makes."""
        match word:
            case AutopilotPresence():
                return self._hear_presence(word)
            case AutopilotState():
                self._state = word
            case BatteryReading():
                self._batteries[word.battery] = word
            case LinkQuality():
                self._quality = word
            case ParametersChecked():
                self._checked = word
                if word.problems != self._told:
                    self._told = word.problems
                    return (AutopilotChecked(problems=word.problems),)
        return ()

    def _hear_presence(self, word: AutopilotPresence) -> tuple[AutopilotFact, ...]:
        self._presence = word
        if not word.present or word.restarted:
            # What was true of it need not be so when it is back.
            self._state = self._checked = None
            self._batteries.clear()
        if not word.present:
            was_found, self._found = self._found, False
            return (AutopilotLost(system=word.system, why=word.why),) if was_found else ()
        knows = bool(word.version or word.missing)
        if not word.manner or not (word.restarted or (knows and not self._found)):
            return ()
        self._found = True
        found = AutopilotFound(
            system=word.system,
            manner=word.manner,
            version=word.version,
            restarted=word.restarted,
        )
        return (found,)

    def status(self) -> dict[str, object]:
        """Return what is known, for `doorstep-edge status`."""
        presence, state, checked = self._presence, self._state, self._checked
        loss_frac = self._quality.loss_frac if self._quality else None
        left = [
            b.remaining_frac for b in self._batteries.values() if b.remaining_frac is not None
        ]
        return {
            "present": presence is not None and presence.present,
            "manner": presence.manner if presence else "",
            "version": presence.version if presence else "",
            "why": presence.why if presence else "not heard yet",
            "missing": list(presence.missing) if presence else [],
            "mode": state.mode if state else "unknown",
            "mode_name": state.mode_name if state else "",
            "armed": state.armed if state else None,
            "failsafe": state.failsafe if state else None,
            "ill": list(state.ill) if state else [],
            "battery_frac": min(left) if left else None,
            "link_loss_frac": round(loss_frac, 4) if loss_frac is not None else None,
            "parameters_read": checked is not None and checked.read,
            "parameters_wrong": list(checked.problems) if checked else [],
        }
