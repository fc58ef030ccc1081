export function PlaneView() {
  return null;
}
