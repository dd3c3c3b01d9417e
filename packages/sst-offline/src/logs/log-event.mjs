/**
 * Returns the line of a log event in a stream's file. A JSON message is stored as an object, so
 * that `jq .message` can read it, and any other message as a string.
 *
 * @param {number} timestamp epoch milliseconds
 * @param {string} message
 * @param {boolean} isJson true if the message is a line of JSON
 */
export function logEventLine(timestamp, message, isJson) {
  return `{"timestamp":${timestamp},"message":${isJson ? message : JSON.stringify(message)}}\n`;
}
