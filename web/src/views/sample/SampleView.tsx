export function SampleView() {
  return null;
}
