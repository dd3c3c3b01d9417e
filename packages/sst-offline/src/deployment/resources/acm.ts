import { type Coverage, DOMAIN } from "./reasons";

export const ACM: Record<`aws:acm/${string}`, Coverage> = {
  "aws:acm/certificate:Certificate": DOMAIN,
  "aws:acm/certificateValidation:CertificateValidation": DOMAIN,
};
