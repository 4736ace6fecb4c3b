/** The edge where our errors become tRPC's. Branches on codes only; details of unknown errors stay on the server. */
import { TRPCError } from '@trpc/server';
import { describeError, type ErrorCode, StopsignError } from '../../errors.ts';

type TrpcCode = TRPCError['code'];

const CODES: Partial<Record<ErrorCode, TrpcCode>> = {
  BAD_CONFIG: 'UNPROCESSABLE_CONTENT',
  BAD_USAGE: 'BAD_REQUEST',
  BAD_INPUT: 'BAD_REQUEST',
  INPUT_MISSING: 'NOT_FOUND',
  BAD_MODEL: 'UNPROCESSABLE_CONTENT',
  STREAM_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  STREAM_UNAUTHORIZED: 'SERVICE_UNAVAILABLE',
  DATABASE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  CONTROL_TIMEOUT: 'GATEWAY_TIMEOUT',
  CONTROL_CLOSED: 'SERVICE_UNAVAILABLE',
};

/** Anything caught while a procedure ran → what the client gets to see. */
export function toTrpcError(error: TRPCError): TRPCError {
  const cause = error.cause;
  if (cause instanceof StopsignError) {
    return new TRPCError({ code: CODES[cause.code] ?? 'INTERNAL_SERVER_ERROR', message: describeError(cause), cause });
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error;
  return new TRPCError({ code: error.code, message: 'Something went wrong inside; the log has the details.', cause });
}
