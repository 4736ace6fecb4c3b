/** Every way a stream can fail, as one clear sentence with a remedy. `where` is the address's label, never the URL. */
import { StopsignError } from '../../errors.ts';
import type { FramingFault } from './interleaved.ts';

const UNAVAILABLE = 'STREAM_UNAVAILABLE';

const BY_SYSTEM_CODE: Readonly<Record<string, (where: string) => [message: string, remedy: string]>> = {
  ECONNREFUSED: (where) => [
    `Nothing accepts connections at ${where} (connection refused).`,
    'Check the address and the port, and that the camera or hub is running.',
  ],
  ENOTFOUND: (where) => [`The host name of ${where} is not known.`, 'Check the spelling, or use the IP address.'],
  EAI_AGAIN: (where) => [
    `The host name of ${where} cannot be looked up now.`,
    'Check the name server, or use the IP address.',
  ],
  EHOSTUNREACH: (where) => [
    `The host of ${where} cannot be reached.`,
    'Check the network and that the camera has power.',
  ],
  ENETUNREACH: (where) => [`There is no network route to ${where}.`, 'Check the network of this machine.'],
  ECONNRESET: (where) => [
    `${where} broke the connection.`,
    'If it happens again and again, look into the log of the camera or hub.',
  ],
  EPIPE: (where) => [
    `${where} broke the connection.`,
    'If it happens again and again, look into the log of the camera or hub.',
  ],
  ETIMEDOUT: (where) => [`${where} does not answer.`, 'Check the address, the network and that the camera has power.'],
};

/** From an error of a socket. */
export function connectionFailed(where: string, cause: unknown): StopsignError {
  if (cause instanceof StopsignError) return cause;
  const code = systemCode(cause);
  const known = BY_SYSTEM_CODE[code];
  if (known) {
    const [message, remedy] = known(where);
    return new StopsignError(UNAVAILABLE, message, { remedy, cause });
  }
  if (/^(ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|CERT_|UNABLE_TO_)/.test(code)) {
    return new StopsignError(UNAVAILABLE, `The TLS connection to ${where} is not trusted or failed (${code}).`, {
      remedy: 'Name the authority of its certificate in NODE_EXTRA_CA_CERTS, or use rtsp:// inside a trusted network.',
      cause,
    });
  }
  return new StopsignError(UNAVAILABLE, `The connection to ${where} failed (${code || 'unknown reason'}).`, {
    remedy: 'Check the address and the network.',
    cause,
  });
}

function systemCode(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return '';
  // Happy Eyeballs collects one error per address.
  const { code, errors } = cause as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) ? systemCode(errors[0]) : '';
}

export function connectTimedOut(where: string, timeoutMs: number): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} did not accept a connection within ${seconds(timeoutMs)}.`, {
    remedy: 'Check the address, the network and that the camera has power.',
  });
}

export function requestTimedOut(where: string, method: string, timeoutMs: number): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} did not answer ${method} within ${seconds(timeoutMs)}.`, {
    remedy: 'Check that this port is the RTSP port; restart the camera if it used to work.',
  });
}

export function readStalled(where: string, timeoutMs: number): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} has sent nothing for ${seconds(timeoutMs)}.`, {
    remedy: 'Check the network and the camera.',
  });
}

export function noPicture(where: string, stallMs: number): StopsignError {
  return new StopsignError(UNAVAILABLE, `No complete picture came from ${where} for ${seconds(stallMs)}.`, {
    remedy: 'Check the camera and the network; the session is opened anew.',
  });
}

export function connectionClosed(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} closed the connection.`, {
    remedy: 'The stream has probably ended there; it is asked for again by itself.',
  });
}

export function framingBroken(where: string, fault: FramingFault): StopsignError {
  if (fault === 'http') {
    return new StopsignError(UNAVAILABLE, `${where} speaks HTTP, not RTSP.`, {
      remedy: 'Use the RTSP port of the camera or hub, usually 554 or 8554.',
    });
  }
  return new StopsignError(
    UNAVAILABLE,
    `What ${where} sends is not RTSP (${fault === 'garbage' ? 'garbage' : 'a message without end'}).`,
    {
      remedy: 'Check that this port is the RTSP port; if it used to work, restart the camera.',
    },
  );
}

export function tooMuchMalformed(where: string, count: number): StopsignError {
  return new StopsignError(
    UNAVAILABLE,
    `The stream of ${where} is broken (${count} malformed packets without a picture).`,
    {
      remedy: 'Check the network and the encoder settings of the camera; the session is opened anew.',
    },
  );
}

export function unauthorized(where: string, reason: 'refused' | 'no-credentials' | 'unsupported'): StopsignError {
  if (reason === 'unsupported') {
    return new StopsignError('STREAM_UNAUTHORIZED', `${where} asks for a kind of login that is not supported.`, {
      remedy: 'Set the camera to Digest or Basic authentication.',
    });
  }
  return reason === 'refused'
    ? new StopsignError('STREAM_UNAUTHORIZED', `${where} refuses the user or the password.`, {
        remedy: 'Correct them in the URL of the camera: rtsp://user:password@host/path.',
      })
    : new StopsignError('STREAM_UNAUTHORIZED', `${where} asks for a user and a password.`, {
        remedy: 'Put them into the URL of the camera: rtsp://user:password@host/path.',
      });
}

/** From a final status other than 200 and 401. */
export function requestRefused(where: string, method: string, status: number, reason: string): StopsignError {
  if (status === 404) {
    return new StopsignError(UNAVAILABLE, `There is no stream at ${where} (404).`, {
      remedy: 'Check the path, and that somebody publishes there.',
    });
  }
  if (status === 403) {
    return new StopsignError('STREAM_UNAUTHORIZED', `${where} does not allow this user to watch (403).`, {
      remedy: 'Give the user the right to view live video in the settings of the camera.',
    });
  }
  if (status === 461) {
    return new StopsignError(UNAVAILABLE, `${where} does not offer RTP over TCP (461).`, {
      remedy: 'Allow RTSP over TCP (interleaved) in the settings of the camera.',
    });
  }
  if (status === 453 || status === 503) {
    return new StopsignError(UNAVAILABLE, `${where} has no room for another viewer (${status}).`, {
      remedy: 'Close other viewers of the camera, or let them read from the hub.',
    });
  }
  const what = reason.replace(/[^\x20-\x7e]/g, '').slice(0, 80);
  return new StopsignError(UNAVAILABLE, `${where} answered ${method} with ${status}${what ? ` ${what}` : ''}.`, {
    remedy: 'Check the URL; the log of the camera or hub may say more.',
  });
}

export function tooManyRedirects(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} sends us from one address to the next without end.`, {
    remedy: 'Use the address that the camera shows in its own settings.',
  });
}

/** Loopback or link-local: see `isInward`. */
export function redirectedInward(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} sends us to an address inside this machine, which is not followed.`, {
    remedy: 'Check the camera; if the stream really is there, write that address as its source.',
  });
}

/** From the camera's REDIRECT, while it was streaming. */
export function redirected(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} asks us to fetch the stream elsewhere.`, {
    remedy: 'Nothing need be done: it is fetched from there.',
  });
}

export function noVideoTrack(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `The stream at ${where} has no video track.`, {
    remedy: 'Check the path: it may be an audio-only or metadata stream.',
  });
}

export function unsupportedCodec(where: string, encoding: string): StopsignError {
  const name = encoding.replace(/[^\w.-]/g, '').slice(0, 20);
  return new StopsignError(UNAVAILABLE, `The video at ${where} is ${name}, which is not supported.`, {
    remedy: 'Set the camera to H.264 (or H.265).',
  });
}

export function badAnswer(where: string, method: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `${where} gave an answer to ${method} that makes no sense.`, {
    remedy: 'Check that this port is the RTSP port, and the firmware of the camera.',
  });
}

export function sessionAborted(where: string): StopsignError {
  return new StopsignError(UNAVAILABLE, `The session with ${where} was closed from here.`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 1)} s`;
}
