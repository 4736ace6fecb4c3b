/**
 * Divides what the model can do among the cameras: nobody gets more than it asks for, and what somebody leaves over goes
 * to those who ask for more (max-min fairness: Bertsekas and Gallager, Data Networks, 2nd ed., 6.5.2). Pure.
 *
 * @param demands frames a second of each camera, 0 or more
 * @param capacity frames a second that can be analysed in all
 * @returns frames a second for each camera; a camera that asks gets something as long as there is any capacity
 */
export function fairShares(demands: readonly number[], capacity: number): readonly number[] {
  const given = demands.map(() => 0);
  const waiting = [...demands.keys()].sort((a, b) => (demands[a] as number) - (demands[b] as number));
  let left = capacity;
  waiting.forEach((camera, place) => {
    const equal = left / (waiting.length - place);
    const gets = Math.min(demands[camera] as number, equal);
    given[camera] = gets;
    left -= gets;
  });
  return given;
}
