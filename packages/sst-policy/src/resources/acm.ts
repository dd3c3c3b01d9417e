import type { Description } from "./description";

export const ACM: Record<`aws:acm/${string}`, Description> = {
  "aws:acm/certificate:Certificate": { unjudged: "rules check the TLS version of its distribution or domain" },
  "aws:acm/certificateValidation:CertificateValidation": { unjudged: "waits for a certificate" },
};
