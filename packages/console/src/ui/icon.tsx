const PATHS = {
  traffic: "M3 17h3l4-11 4 14 3-8h4",
  log: "M4 6h16M4 11h16M4 16h10",
  shield: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4",
  try: "M5 4l7 8-7 8M13 20h7",
  infrastructure: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
  close: "M6 6l12 12M18 6L6 18",
  live: "M12 7a5 5 0 100 10 5 5 0 000-10z",
  pause: "M8 5v14M16 5v14",
  link: "M10 14a4 4 0 006 0l3-3a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4 4 0 006 6l1-1",
  key: "M15 9a4 4 0 11-8 0 4 4 0 018 0zM14 12l6 6M17 15l2-2",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  check: "M5 13l4 4L19 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  dash: "M7 12h10",
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration beside a text: screen readers skip it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
