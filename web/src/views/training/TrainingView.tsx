export function TrainingView() {
  return null;
}
