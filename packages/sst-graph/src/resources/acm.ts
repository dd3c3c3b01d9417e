import { idOnly, type Row } from "./row";

export const ACM: Record<`aws:acm/${string}`, Row> = {
  "aws:acm/certificate:Certificate": (names) => {
    const arn = names.arn("acm", `certificate/${names.uuid()}`);
    const { subjectAlternativeNames: others } = names.inputs;
    const domains = [names.input("domainName"), ...(Array.isArray(others) ? others.map(String) : [])];
    const domainValidationOptions = domains.map((domainName) => ({
      domainName,
      resourceRecordName: `_${names.id(32, "hex", domainName)}.${domainName}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${names.id(32, "hex", `${domainName} value`)}.acm-validations.aws.`,
    }));
    return { id: arn, outputs: { arn, domainValidationOptions } };
  },
  "aws:acm/certificateValidation:CertificateValidation": idOnly,
};
