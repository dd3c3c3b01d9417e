import { type Coverage, EDGE } from "./reasons";

export const WAFV2: Record<`aws:wafv2/${string}`, Coverage> = {
  "aws:wafv2/webAcl:WebAcl": EDGE,
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": EDGE,
};
