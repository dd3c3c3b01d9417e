import { ALARMS, type Coverage, not } from "./reasons";

export const CLOUDWATCH: Record<`aws:cloudwatch/${string}`, Coverage> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    deletionProtectionEnabled: not("deletion protection", "log groups can be deleted"),
    name: true,
    retentionInDays: not("log retention", "log events are never deleted; to delete them, remove the folder .offline"),
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": not(
    "saved queries",
    "there is no Logs Insights; search the log files with jq",
  ),
  "aws:cloudwatch/dashboard:Dashboard": ALARMS,
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": ALARMS,
  "aws:cloudwatch/metricAlarm:MetricAlarm": ALARMS,
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
    destinationArn: true,
    filterPattern: true,
    logGroup: true,
    name: true,
  },
};
