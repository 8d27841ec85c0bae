/* The arithmetic of the companion: clock, pace, notices. Pure functions. */

/** "7:05" for 425 seconds; overtime is counted upwards. */
export function clockText(seconds) {
  const whole = seconds < 0 ? Math.floor(-seconds) : Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Milliseconds until the next question: spread, never later than `every` seconds; slower after each failure (about 20 s at most). */
export function nextDelay({ every, failures, random }) {
  if (failures > 0) { return Math.min(20000, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.7 + 0.6 * random); }
  return 1000 * every * (0.7 + 0.3 * random);
}

/** Seconds left now, from what the server said and how long ago it was said by our own steady clock. */
export function remainingNow(clock, said, now) {
  return clock.running ? clock.remaining - (now - said) / 1000 : clock.remaining;
}

/** Which notice has just become due. */
export function dueNotice(before, after, total) {
  if (before > 0 && after <= 0) { return "time_up"; }
  if (before > 120 && after <= 120 && total > 120) { return "two_minutes"; }
  return "";
}
