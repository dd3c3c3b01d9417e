/** A CloudWatch Logs pattern for lines that hold this text: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
export function termPattern(text: string): string {
  return quoted(text);
}

/** A text inside a pattern. An asterisk stays what it is there: it finds more, and the caller looks again. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
}
