/**
 * Asks Logs Insights for the records of an invocation, in the logs of all functions: the access log does not say which one it was.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Source.html
 *
 * @param id Lambda's request id
 * @param at when the request arrived, in epoch milliseconds
 * @returns undefined for an id that Lambda has not made: what stands in a log has no business in a shell
 */
export function insightsCommand(id: string, at: number, region: string): string | undefined {
  if (!/^[0-9a-f-]{36}$/.test(id) || !/^[a-z0-9-]+$/.test(region) || !Number.isFinite(at)) return undefined;
  const query = `SOURCE logGroups(namePrefix: ["/aws/lambda/"]) | fields @timestamp, @log, @message | filter @message like "${id}" | sort @timestamp asc`;
  const [start, end] = [at / 1000 - 60, at / 1000 + 900].map(Math.floor);
  return `aws logs start-query --region ${region} --start-time ${start} --end-time ${end} --query-string '${query}'`;
}
