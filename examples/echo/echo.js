/** Returns the event, as it came. */
export async function handler(event) {
  return event;
}
