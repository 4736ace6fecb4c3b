/** The dark patch under a body, as shares of its footprint; shared by the texture and by what must be redrawn. Pure. */
export const CONTACT_SHADOW = { spreadX: 128 / 98, spreadZ: 64 / 40 } as const;
