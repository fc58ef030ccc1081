// One of a few: buttons of which one is pressed.

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChoose: (choice: T) => void;
}

export function Toggles<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  return (
    <div class="row toggles" role="group" aria-label={label}>
      {choices.map(([choice, text]) => (
        <button key={choice} type="button" class="small" aria-pressed={choice === value} onClick={() => onChoose(choice)}>
          {text}
        </button>
      ))}
    </div>
  );
}
