/**
 * One log event, as it is kept: a line of JSON whose `message` is the JSON of the event itself where it is structured, so that
 * `jq .message` reads it, and a string otherwise.
 *
 * @param {number} timestamp epoch milliseconds
 * @param {string} message
 * @param {boolean} structured whether the message is a line of JSON
 */
export function logEventLine(timestamp, message, structured) {
  return `{"timestamp":${timestamp},"message":${structured ? message : JSON.stringify(message)}}\n`;
}
