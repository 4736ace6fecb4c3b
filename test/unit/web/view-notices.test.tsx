import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ViewNotices } from '../../../src/web/parts/view-notices.tsx';
import { liveStatus } from './examples.ts';

afterEach(cleanup);
const nothing = () => {};

const sentence = 'The camera moved by 40 px at 14:03:20; its calibration no longer fits.';
const moved = { ...liveStatus(), camera: 'front', view: { state: 'moved' as const, since_utc: 1, sentence } };

describe('ViewNotices', () => {
  it('says nothing while every camera shows what it was calibrated on', () => {
    render(() => <ViewNotices cameras={[liveStatus()]} isAdmin={true} onConfirm={nothing} />);
    expect(screen.queryByTestId('view-notice')).toBeNull();
  });

  it('says what happened to everybody, and lets an admin alone change it', () => {
    const { unmount } = render(() => (
      <ViewNotices cameras={[liveStatus(), moved]} isAdmin={false} onConfirm={nothing} />
    ));
    expect(screen.getByTestId('view-notice').textContent).toContain(`front: ${sentence}`);
    expect(screen.queryByTestId('confirm-view')).toBeNull();
    unmount();
    render(() => <ViewNotices cameras={[moved]} isAdmin={true} onConfirm={nothing} />);
    expect(screen.getByTestId('confirm-view').textContent).toBe('The zones still fit');
  });

  it('has nothing for an admin to confirm when the shape of the picture is another', () => {
    const shape = 'From 14:03:20 on the camera sent pictures of 640 × 480: another shape.';
    const view = { state: 'reshaped' as const, since_utc: 1, sentence: shape };
    render(() => <ViewNotices cameras={[liveStatus({ view })]} isAdmin={true} onConfirm={nothing} />);
    expect(screen.getByTestId('view-notice').textContent).toContain(
      `demo: ${shape} Its passes are indeterminate until the camera sends that shape again`,
    );
    expect(screen.queryByTestId('confirm-view')).toBeNull();
  });

  it('asks before it confirms, and then confirms this camera', async () => {
    const confirmed = vi.fn();
    render(() => <ViewNotices cameras={[moved]} isAdmin={true} onConfirm={confirmed} />);
    fireEvent.click(screen.getByTestId('confirm-view'));
    expect(confirmed).not.toHaveBeenCalled();
    fireEvent.click(await screen.findByTestId('confirm'));
    expect(confirmed.mock.calls).toEqual([['front']]);
  });
});
