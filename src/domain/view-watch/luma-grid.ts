/**
 * A picture's luma averaged into 160 columns of square cells: 8 × 8 pixels at 720p. Averaging takes away noise, rain and
 * compression, and makes pictures of all sizes comparable. Pure; called once a second by the room that holds the picture.
 */

/** 8-bit luma without padding between the lines. */
export interface LumaPlane {
  readonly width: number;
  readonly height: number;
  readonly y: Uint8Array;
}

export interface LumaGrid {
  readonly cols: number;
  readonly rows: number;
  /** Row by row, 0 … 255. */
  readonly cells: Float32Array;
}

export const GRID_COLS = 160;
/** Lines read of each cell; every column of them is. */
const LINES_A_CELL = 2;

/**
 * Null for pictures that are narrower or lower than the grid needs (160 × 45).
 * @param rows to be compared with a grid of a picture whose shape is nearly the same; absent: as makes the cells square
 */
export function lumaGrid(
  { width, height, y }: LumaPlane,
  rows = Math.round((GRID_COLS * height) / width),
): LumaGrid | null {
  if (width < GRID_COLS || rows < 45 || rows > height) return null;
  const cells = new Float32Array(GRID_COLS * rows);
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows);
    const lines = Math.floor(((row + 1) * height) / rows) - top;
    const step = Math.max(1, Math.floor(lines / LINES_A_CELL));
    let taken = 0;
    const at = row * GRID_COLS;
    for (let line = step >> 1; line < lines; line += step) {
      addLine(y, (top + line) * width, width, cells, at);
      taken++;
    }
    for (let col = 0; col < GRID_COLS; col++) {
      const columns = Math.floor(((col + 1) * width) / GRID_COLS) - Math.floor((col * width) / GRID_COLS);
      cells[at + col] = (cells[at + col] as number) / (taken * columns);
    }
  }
  return { cols: GRID_COLS, rows, cells };
}

function addLine(y: Uint8Array, from: number, width: number, cells: Float32Array, at: number): void {
  let x = 0;
  for (let col = 0; col < GRID_COLS; col++) {
    const end = Math.floor(((col + 1) * width) / GRID_COLS);
    let sum = 0;
    for (; x < end; x++) sum += y[from + x] as number;
    cells[at + col] = (cells[at + col] as number) + sum;
  }
}

export function meanOf(grid: LumaGrid): number {
  return grid.cells.reduce((sum, cell) => sum + cell, 0) / grid.cells.length;
}
