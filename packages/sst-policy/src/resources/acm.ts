import type { Description } from "./description";

export const ACM: Record<`aws:acm/${string}`, Description> = {
  "aws:acm/certificate:Certificate": { unjudged: "its distribution's or domain's protocol is judged" },
  "aws:acm/certificateValidation:CertificateValidation": { unjudged: "waits for a certificate" },
};
