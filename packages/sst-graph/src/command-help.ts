import type { Command, CommandOptions } from "./command";
import { wrap } from "./screen";

const WIDTH_COLUMNS = 100;

const EXIT_CODES = { 0: "success", 1: "failure; see standard error", 2: "wrong usage" };

/** Returns the text of `--help`: one sentence, usage, arguments, options, exit codes. */
export function formatHelp(command: Command, commonOptions: CommandOptions): string {
  const { name, about, usage, details, options } = command;
  const forms = usage.map((form) => `${name} ${form}`.trimEnd());
  const optionRows = Object.entries({ ...options, ...commonOptions }).map(([option, { value, about }]): Row => {
    return [value === undefined ? `--${option}` : `--${option} ${value}`, about];
  });
  const { title = "Arguments", choices } = command.arguments ?? {};
  const exitCodes = Object.entries({ ...EXIT_CODES, ...command.exitCodes });
  const parts = [
    about,
    `Usage: ${forms.join("\n       ")}`,
    ...(details === undefined ? [] : [details]),
    ...(choices === undefined ? [] : [formatList(title, Object.entries(choices))]),
    formatList("Options", optionRows),
    formatList("Exit codes", exitCodes),
  ];
  return `${parts.join("\n\n")}\n`;
}

type Row = [term: string, meaning: string];

function formatList(title: string, rows: Row[]): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  const lines = rows.map(([term, meaning]) => {
    const indent = `\n${" ".repeat(width + 4)}`;
    return `  ${term.padEnd(width)}  ${wrap(meaning, WIDTH_COLUMNS - width - 4).join(indent)}`;
  });
  return [`${title}:`, ...lines].join("\n");
}
