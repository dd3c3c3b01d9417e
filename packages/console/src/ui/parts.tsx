import { isoInstant, isTime } from "@backend/platform/epoch";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { date, MISSING, milliseconds, timeOfDay, utc } from "../data/format";
import { Icon } from "./icon";

/** A time in the reader's time zone, with UTC as its tooltip. */
export function Time({ at, withDate = false, fine = false }: { at: number; withDate?: boolean; fine?: boolean }) {
  if (!isTime(at)) return <span class="muted">{MISSING}</span>;
  return (
    <time dateTime={isoInstant(at)} title={utc(at)} class="number">
      {withDate && `${date(at)}, `}
      {timeOfDay(at)}
      {fine && <span class="muted">{milliseconds(at)}</span>}
    </time>
  );
}

/** A page's heading, and one line that says what the page is for. */
export function PageTitle({ title, about }: { title: string; about: string }) {
  return (
    <div class="title">
      <h1>{title}</h1>
      <p class="muted">{about}</p>
    </div>
  );
}

export function Status({ status }: { status: number }) {
  return <span class={`status s${Math.floor(status / 100)}`}>{status}</span>;
}

/** @param kind chooses the colour: `yes`, or an outcome */
export function Tag({ kind = "", children }: { kind?: string; children: ComponentChildren }) {
  return <span class={`tag ${kind}`}>{children}</span>;
}

export function Figure({
  label,
  value,
  hint,
  tone = "",
  href,
}: {
  label: string;
  value: string;
  hint?: string | undefined;
  tone?: string;
  /** Where the whole card leads. */
  href?: string;
}) {
  return (
    <div class={`figure ${tone}`}>
      <dt>{href === undefined ? label : <a href={href}>{label}</a>}</dt>
      <dd>
        {value}
        <small>{hint ?? "\u00a0"}</small>
      </dd>
    </div>
  );
}

export function Panel({
  title,
  note,
  children,
  class: name = "",
}: {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  return (
    <section class={`panel ${name}`}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span class="note">{note}</span>}
      </header>
      {children}
    </section>
  );
}

/** A choice between a few options, as a row of buttons. */
export function Segments<Name extends string>({
  label,
  options,
  value,
  onPick,
}: {
  label: string;
  options: readonly (readonly [Name, string])[];
  value: Name | undefined;
  onPick(name: Name): void;
}) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === value} onClick={() => onPick(name)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button type="button" class="quiet small" onClick={copy}>
      <Icon name={isCopied ? "check" : "copy"} />
      {isCopied ? "Copied" : label}
    </button>
  );

  function copy(): void {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      },
      () => setCopied(false),
    );
  }
}

/** A labelled text field. What someone types stays until `value` changes. */
export function Field({
  label,
  value,
  onDone,
  placeholder,
  list,
  type = "text",
  name,
  onType,
}: {
  label: string;
  value: string;
  /** Called when the field loses the focus or Enter is pressed. */
  onDone?(value: string): void;
  /** Called for each key press. */
  onType?(value: string): void;
  placeholder?: string;
  list?: string[];
  type?: "text" | "datetime-local";
  /** The field's name in its form. */
  name?: string;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const id = `list-${label.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type={type}
        name={name}
        value={draft}
        placeholder={placeholder}
        list={list && id}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="none"
        onChange={(event) => onDone?.(event.currentTarget.value.trim())}
        onInput={(event) => {
          setDraft(event.currentTarget.value);
          onType?.(event.currentTarget.value);
        }}
      />
      {list && (
        <datalist id={id}>
          {list.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** Text in which backticks mark code. */
export function Prose({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

export function Json({ value }: { value: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it
    <pre class="code" tabIndex={0}>
      {text}
    </pre>
  );
}
