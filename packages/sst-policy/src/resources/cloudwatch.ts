import type { Description } from "./description";

export const CLOUDWATCH: Record<`aws:cloudwatch/${string}`, Description> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    judged: "name namePrefix retentionInDays logGroupClass kmsKeyId deletionProtectionEnabled",
  },
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
    judged: "name logGroup destinationArn filterPattern distribution",
  },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": { judged: "*" },
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": { judged: "*" },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    judged: `name alarmDescription actionsEnabled alarmActions okActions comparisonOperator
      datapointsToAlarm dimensions evaluateLowSampleCountPercentiles evaluationPeriods
      extendedStatistic metricName metricQueries namespace period statistic threshold
      treatMissingData`,
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": { judged: "*" },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": { judged: "*" },
  "aws:cloudwatch/dashboard:Dashboard": { unjudged: "only shows metrics" },
  "aws:cloudwatch/logDelivery:LogDelivery": { unjudged: "connects a source with a destination" },
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
    unjudged: "names a log group or bucket, which rules check",
  },
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    unjudged: "the text of a saved query, which runs with the reader's permissions",
  },
};
