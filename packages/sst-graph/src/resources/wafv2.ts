import { idOnly, type Row } from "./row";

export const WAFV2: Record<`aws:wafv2/${string}`, Row> = {
  "aws:wafv2/webAcl:WebAcl": (names) => ({
    id: names.uuid(),
    outputs: { arn: names.arn("wafv2", `global/webacl/${names.input("name")}/${names.uuid()}`, "us-east-1") },
  }),
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": idOnly,
};
