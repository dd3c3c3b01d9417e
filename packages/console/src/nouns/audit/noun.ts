import type { Noun } from "../noun";

export const AUDIT: Noun = {
  pages: [{ path: "/audit", title: "Audit trail", icon: "shield", load: () => import("./page") }],
  ofRequest: { title: "Audit events that it recorded", load: () => import("./recorded-events") },
};
