/** One damaged record in a ring ended the gateway's thread, and its successor read the same record again. */
import { expect, test } from 'vitest';
import { openGateway } from '../integration/gateway/gateway-fixture.ts';

test('a record that is no message is passed over and counted, and viewers get the next', async () => {
  await using gateway = await openGateway();
  const viewer = gateway.live();
  await viewer.waitFor('hello');
  gateway.writeDamaged();
  const frame = gateway.writeFrame();
  await gateway.work();
  await viewer.waitFor('frame');
  expect(viewer.ofType('frame')).toMatchObject([{ frame: frame.frame }]);
  expect(gateway.row.get('errors')).toBe(2);
});
