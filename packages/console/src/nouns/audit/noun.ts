import type { Noun } from "../noun";

export const AUDIT: Noun = {
  pages: [{ path: "/audit", title: "Audit trail", icon: "shield", load: () => import("./page") }],
  requestSection: { title: "Audit events", load: () => import("./recorded-events") },
};
