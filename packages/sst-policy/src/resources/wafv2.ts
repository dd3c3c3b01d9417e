import type { Description } from "./description";

export const WAFV2: Record<`aws:wafv2/${string}`, Description> = {
  "aws:wafv2/webAcl:WebAcl": {
    judged: "name description scope defaultAction rules visibilityConfig associationConfig",
  },
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {
    judged: "resourceArn logDestinationConfigs redactedFields loggingFilter",
  },
};
