/**
 * The linear assignment problem: pairs rows and columns of a cost matrix so that the sum is least. Shortest augmenting
 * paths (Jonker & Volgenant 1987, rectangular form of Crouse, "On implementing 2D rectangular assignment algorithms",
 * 2016). Deterministic: ties go to the lower column. Called by the trackers once per association stage.
 */

export interface Assignment {
  readonly pairs: readonly (readonly [row: number, column: number])[];
  readonly freeRows: readonly number[];
  readonly freeColumns: readonly number[];
}

/**
 * Pairs whose cost is at most `limit`. As in the reference trackers, costs above the limit are first levelled to just
 * above it, then the cheapest full assignment is found, then pairs above the limit are given up again. Rows and columns
 * that no possible pair connects cannot matter to each other, so that each cluster of them is solved by itself: in most
 * frames that is one row and one column.
 */
export function assignWithin(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
  limit: number,
): Assignment {
  const pairs: (readonly [number, number])[] = [];
  const freeRows: number[] = [];
  const freeColumns: number[] = [];
  if (rows > 0 && columns > 0) {
    const matrix = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const c = cost(i, j);
        matrix[i * columns + j] = c <= limit ? c : limit + LEVELLED;
      }
    }
    const columnOf = assignClusters(matrix, rows, columns, limit);
    const taken = new Uint8Array(columns);
    for (let i = 0; i < rows; i++) {
      const j = columnOf[i] as number;
      if (j >= 0) {
        pairs.push([i, j]);
        taken[j] = 1;
      } else freeRows.push(i);
    }
    for (let j = 0; j < columns; j++) if (taken[j] === 0) freeColumns.push(j);
    return { pairs, freeRows, freeColumns };
  }
  for (let i = 0; i < rows; i++) freeRows.push(i);
  for (let j = 0; j < columns; j++) freeColumns.push(j);
  return { pairs, freeRows, freeColumns };
}

const LEVELLED = 1e-4;

/** The column of each row, −1 = none within the limit. */
function assignClusters(matrix: Float64Array, rows: number, columns: number, limit: number): Int32Array {
  const columnOf = new Int32Array(rows).fill(-1);
  const rowSeen = new Uint8Array(rows);
  const columnSeen = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    if (rowSeen[start] === 1) continue;
    const own = [start];
    const theirs: number[] = [];
    rowSeen[start] = 1;
    for (let next = 0; next < own.length; next++) {
      const i = own[next] as number;
      for (let j = 0; j < columns; j++) {
        if (columnSeen[j] === 1 || (matrix[i * columns + j] as number) > limit) continue;
        columnSeen[j] = 1;
        theirs.push(j);
        for (let k = 0; k < rows; k++) {
          if (rowSeen[k] === 1 || (matrix[k * columns + j] as number) > limit) continue;
          rowSeen[k] = 1;
          own.push(k);
        }
      }
    }
    if (theirs.length === 0) continue;
    if (own.length === 1 && theirs.length === 1) {
      columnOf[start] = theirs[0] as number;
      continue;
    }
    // In their own order, so that ties are broken as in the whole.
    own.sort((a, b) => a - b);
    theirs.sort((a, b) => a - b);
    const part = new Float64Array(own.length * theirs.length);
    own.forEach((i, r) => {
      for (let c = 0; c < theirs.length; c++) {
        part[r * theirs.length + c] = matrix[i * columns + (theirs[c] as number)] as number;
      }
    });
    const chosen = assign(part, own.length, theirs.length);
    own.forEach((i, r) => {
      const c = chosen[r] as number;
      if (c < 0) return;
      const j = theirs[c] as number;
      if ((matrix[i * columns + j] as number) <= limit) columnOf[i] = j;
    });
  }
  return columnOf;
}

/** The column of each row in the cheapest assignment of min(rows, columns) pairs; −1 = none. Costs are finite. */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows <= columns) return solveWide(cost, rows, columns);
  const turned = new Float64Array(cost.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = cost[i * columns + j] as number;
  }
  const rowOf = solveWide(turned, columns, rows);
  const columnOf = new Int32Array(rows).fill(-1);
  rowOf.forEach((row, column) => {
    columnOf[row] = column;
  });
  return columnOf;
}

function solveWide(cost: Float64Array, rows: number, columns: number): Int32Array {
  const u = new Float64Array(rows);
  const v = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  const columnOf = new Int32Array(rows).fill(-1);
  const least = new Float64Array(columns);
  const from = new Int32Array(columns);
  const done = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    least.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    const visited: number[] = [];
    let row = start;
    let reached = 0;
    let sink = -1;
    while (sink < 0) {
      visited.push(row);
      let next = -1;
      let lowest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < columns; j++) {
        if (done[j]) continue;
        const r = reached + (cost[row * columns + j] as number) - (u[row] as number) - (v[j] as number);
        if (r < (least[j] as number)) {
          least[j] = r;
          from[j] = row;
        }
        // Of equally near columns a free one ends the search at once.
        if ((least[j] as number) < lowest || (least[j] === lowest && rowOf[j] === -1 && rowOf[next] !== -1)) {
          lowest = least[j] as number;
          next = j;
        }
      }
      reached = lowest;
      done[next] = 1;
      if (rowOf[next] === -1) sink = next;
      else row = rowOf[next] as number;
    }
    u[start] = (u[start] as number) + reached;
    for (const i of visited) {
      if (i !== start) u[i] = (u[i] as number) + reached - (least[columnOf[i] as number] as number);
    }
    for (let j = 0; j < columns; j++) if (done[j]) v[j] = (v[j] as number) - reached + (least[j] as number);
    for (let j = sink; ; ) {
      const i = from[j] as number;
      rowOf[j] = i;
      const before = columnOf[i] as number;
      columnOf[i] = j;
      if (i === start) break;
      j = before;
    }
  }
  return columnOf;
}
