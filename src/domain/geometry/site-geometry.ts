/**
 * Everything that can be computed of a site once: the homography, and a road frame in which the judge thinks. Road
 * coordinates are [along, across]: `along` grows in the direction of approach and is 0 where the stop line is crossed,
 * `across` is 0 at the middle of the stop line. Unit: metres with a calibration, pixels of the image without.
 */
import type { Box, Point, Site } from '../types.ts';
import { fitHomography, groundSigma, groundToImage, type Homography, imageToGround } from './homography.ts';
import { distort, undistort } from './lens.ts';
import { centroid, dot, isSelfCrossing, minus, signedArea, unit, type Xy } from './polygon.ts';
import { type Upright, uprightOf } from './upright.ts';

export interface SiteGeometry {
  readonly mode: 'ground' | 'pixel';
  /** null in pixel mode */
  readonly homography: Homography | null;
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** How large a pixel of a picture 720 pixels high is here: what is held of pixels grows with the picture. */
  readonly pixel: number;
  /** Unit vector of the approach in plane coordinates (ground metres, or image pixels in pixel mode). */
  readonly axis: Xy;
  /** Unit vector across: axis turned by +90°. */
  readonly side: Xy;
  readonly lineMiddle: Xy;
  /** Unit normal of the stop line, pointing along the approach. */
  readonly lineNormal: Xy;
  readonly zoneImage: readonly Xy[];
  /** The zone in the plane. */
  readonly zone: readonly Xy[];
  /** How road coordinates and heights are seen; null in pixel mode. */
  readonly view: RoadView | null;
  /** The plane's x, y of an image point; null above the horizon. */
  toPlane(image: Xy): Xy | null;
  toImage(plane: Xy): Xy | null;
  /** The edges of a box in the picture of a straight lens: the space of `view`. */
  straightBox(box: Box): Box;
  /** Standard deviation of a place in the plane, in the direction where it is largest, by the calibration alone. */
  groundSigma(plane: Xy): number;
}

/**
 * Homogeneous pixels of a place on the road: origin + ahead · (along − skew · across) + side · across + up · height.
 * Without a plausible camera (see upright.ts) `up` is 0 and bodies are flat.
 */
export interface RoadView {
  readonly origin: Xyz;
  readonly ahead: Xyz;
  readonly side: Xyz;
  readonly up: Xyz;
  readonly skew: number;
  readonly upright: Upright | null;
}

type Xyz = readonly [number, number, number];

export type SiteGeometryResult =
  | { readonly ok: true; readonly geometry: SiteGeometry }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Sentences about what is wrong with the geometry of a site; empty when it can be judged. */
export function checkSite(site: Site): string[] {
  const result = siteGeometry(site);
  return result.ok ? [] : [...result.problems];
}

export function siteGeometry(site: Site): SiteGeometryResult {
  const problems: string[] = [];
  const lens = site.calibration?.lens ?? null;
  const points = site.calibration?.points.map((point) => {
    const straight = lens ? undistort(lens, point.image) : point.image;
    if (!straight) problems.push('calibration has a point that the lens cannot show: check its coefficients');
    return { ...point, image: (straight ?? point.image) as Point<'image'> };
  });
  if (problems.length > 0) return { ok: false, problems };
  const pixel = site.image.height / 720;
  const fit = points ? fitHomography(points, pixel) : null;
  if (fit && !fit.ok) return { ok: false, problems: [fit.problem] };
  const homography = fit?.ok ? fit.homography : null;
  if (homography && homography.rmsPx > 0.02 * site.image.width) {
    problems.push(
      `calibration points disagree by ${homography.rmsPx.toFixed(0)} pixels (${homography.rmsM.toFixed(1)} m): one of them is wrong`,
    );
  }
  const straight = (p: Xy): Xy | null => (lens ? undistort(lens, p) : p);
  const toPlane = (p: Xy): Xy | null => {
    if (!homography) return p;
    const ideal = straight(p);
    return ideal && imageToGround(homography, ideal as Point<'image'>);
  };
  const toImage = (p: Xy): Xy | null => {
    if (!homography) return p;
    const ideal = groundToImage(homography, p as Point<'ground'>);
    return ideal && lens ? distort(lens, ideal) : ideal;
  };
  /** The middles of the edges, which is where bodies touch them. */
  const straightBox = (box: Box): Box => {
    if (!lens) return box;
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return [
      straight([box[0], y])?.[0] ?? box[0],
      straight([x, box[1]])?.[1] ?? box[1],
      straight([box[2], y])?.[0] ?? box[2],
      straight([x, box[3]])?.[1] ?? box[3],
    ];
  };

  const plane = (name: string, points: readonly Xy[]): Xy[] => {
    const out = points.map(toPlane);
    if (out.some((p) => p === null)) problems.push(`${name} reaches above the horizon of the calibration`);
    return out.filter((p): p is Xy => p !== null);
  };
  const line = plane('stop_line', site.stop_line);
  const approach = plane('approach', site.approach);
  const zone = plane('stop_zone', site.stop_zone);
  if (problems.length > 0) return { ok: false, problems };

  const [a, b] = line as [Xy, Xy];
  const [from, to] = approach as [Xy, Xy];
  const along = unit(minus(b, a));
  const axis = unit(minus(to, from));
  if (!along) problems.push('stop_line has no length');
  if (!axis) problems.push('approach has no length');
  if (zone.length < 3 || Math.abs(signedArea(zone)) < (homography ? 1 : 25)) {
    problems.push('stop_zone encloses (nearly) nothing');
  } else if (isSelfCrossing(zone)) {
    problems.push('stop_zone crosses itself: give its corners in order around the zone');
  }
  if (!along || !axis || problems.length > 0) return { ok: false, problems };

  const lineMiddle = centroid([a, b]);
  let lineNormal: Xy = [-along[1], along[0]];
  if (dot(lineNormal, axis) < 0) lineNormal = [along[1], -along[0]];
  const gap = (p: Xy) => dot(minus(lineMiddle, p), lineNormal);
  const isZoneBefore = gap(centroid(zone)) > 0;
  // The approach must begin well before the line: at least a metre, or ten pixels.
  const isStartBefore = gap(from) > (homography ? 1 : 10);
  if (dot(lineNormal, axis) < 0.34) problems.push('approach runs along the stop line instead of across it');
  else if (!isStartBefore && !isZoneBefore) problems.push('approach points away from the stop line and the stop_zone');
  else if (!isStartBefore)
    problems.push('approach begins beyond the stop line: it must begin where vehicles come from');
  else if (!isZoneBefore) problems.push('stop_zone lies beyond the stop line: it must lie before it');
  if (problems.length > 0) return { ok: false, problems };
  const side: Xy = [-axis[1], axis[0]];
  return {
    ok: true,
    geometry: {
      mode: homography ? 'ground' : 'pixel',
      homography,
      imageWidth: site.image.width,
      imageHeight: site.image.height,
      pixel,
      axis,
      side,
      lineMiddle,
      lineNormal,
      zoneImage: site.stop_zone,
      zone,
      view: homography
        ? roadView(homography, lens ?? { cx: site.image.width / 2, cy: site.image.height / 2 }, site.image.width, {
            axis,
            side,
            lineMiddle,
            lineNormal,
          })
        : null,
      toPlane,
      toImage,
      straightBox,
      groundSigma: (p) => (homography ? groundSigma(homography, p as Point<'ground'>) : 0),
    },
  };
}

function roadView(
  { toImage }: Homography,
  principal: { readonly cx: number; readonly cy: number },
  width: number,
  road: Pick<SiteGeometry, 'axis' | 'side' | 'lineMiddle' | 'lineNormal'>,
): RoadView {
  const seen = ([x, y]: Xy, w: number) =>
    [0, 3, 6].map((row) => {
      const [a, b, c] = toImage.slice(row, row + 3) as [number, number, number];
      return a * x + b * y + c * w;
    }) as unknown as Xyz;
  const upright = uprightOf(toImage, principal, width);
  return {
    origin: seen(road.lineMiddle, 1),
    ahead: seen(road.axis, 0),
    side: seen(road.side, 0),
    up: upright?.up ?? [0, 0, 0],
    skew: dot(road.side, road.lineNormal) / dot(road.axis, road.lineNormal),
    upright,
  };
}

/** [along, across] of a plane point; along is measured in the direction of approach to the (prolonged) stop line. */
export function toRoad(g: SiteGeometry, plane: Xy): Xy {
  const d = minus(plane, g.lineMiddle);
  const along = dot(d, g.lineNormal) / dot(g.axis, g.lineNormal);
  return [along, dot(d, g.side)];
}

/** The plane point at [along, across]. */
export function fromRoad(g: SiteGeometry, [along, across]: Xy): Xy {
  const skew = dot(g.side, g.lineNormal) / dot(g.axis, g.lineNormal);
  const u = along - across * skew;
  return [g.lineMiddle[0] + g.axis[0] * u + g.side[0] * across, g.lineMiddle[1] + g.axis[1] * u + g.side[1] * across];
}
