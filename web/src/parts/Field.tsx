// A number that is typed; its text belongs to whoever shows it, so that numbers that fly by do not wipe what is half typed.

interface Props {
  label: string;
  text: string;
  onText: (text: string) => void;
  /** When what was typed is meant: Enter, or the field is left. */
  onDone?: (text: string) => void;
  testid?: string;
  placeholder?: string;
  value?: number | null | undefined;
  least?: number;
  most?: number;
  whole?: boolean;
  disabled?: boolean;
  /** Whether the label is for screen readers alone. */
  quiet?: boolean;
}

export function Field({ label, text, onText, onDone, testid, placeholder, value, least, most, whole, disabled, quiet }: Props) {
  return (
    <label class="field">
      <span class={quiet ? "sr-only" : ""}>{label}</span>
      <input
        type="number"
        value={text}
        step={whole ? 1 : "any"}
        {...(least === undefined ? {} : { min: least })}
        {...(most === undefined ? {} : { max: most })}
        placeholder={placeholder ?? ""}
        disabled={disabled ?? false}
        data-testid={testid}
        data-value={value ?? undefined}
        onInput={(event) => onText(event.currentTarget.value)}
        onChange={(event) => onDone?.(event.currentTarget.value)}
      />
    </label>
  );
}

/** What was typed as a number, or null where it is none. */
export function typed(text: string | undefined): number | null {
  return text === undefined || text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text);
}
