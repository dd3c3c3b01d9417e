import type { Parameter } from "../data/openapi";
import { Prose } from "../ui/parts";

/** An input for a parameter of an operation. */
export function ParameterField({
  parameter: { name, in: at, required, options, description },
  value,
  onType,
}: {
  parameter: Parameter;
  value: string;
  onType(value: string): void;
}) {
  const id = `parameter-${name}`;
  return (
    <div class="field">
      <label htmlFor={id}>
        {name} <span class="badge">{required ? "required" : at}</span>
      </label>
      {options.length > 0 ? (
        <select id={id} value={value} onChange={(event) => onType(event.currentTarget.value)}>
          <option value="">Any</option>
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={value}
          required={required}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => onType(event.currentTarget.value)}
        />
      )}
      <span class="about">
        <Prose text={description} />
      </span>
    </div>
  );
}
