/** Two sounds that run together, of which one is heard: A/B at the same place, without a gap or a click.

Both buffers start at the same sample and run through a gain each; switching is a crossfade of `CROSSFADE_S` between the gains (linear, since the
two are nearly the same sound). Starting, stopping and seeking fade for `EDGE_S`. */

export const CROSSFADE_S = 0.015;
const EDGE_S = 0.008;
const SOON_S = 0.02;

/** Return a player; `onChange` is called when it starts, stops, switches, or gets other sounds. */
export function createPlayer(onChange) {
  const now = { buffers: null, side: "after", loop: null, place_s: 0, voice: null, context: null };

  const duration = () => now.buffers?.after.duration ?? 0;

  function position() {
    if (!now.voice) return now.place_s;
    const { begun_s, from_s, loop } = now.voice;
    const ran = Math.max(0, now.context.currentTime - begun_s);
    const at = from_s + ran;
    if (loop && at >= loop.to) return loop.from + ((at - loop.from) % (loop.to - loop.from));
    return Math.min(at, duration());
  }

  function begin(from_s) {
    now.context ??= contextFor(now.buffers.after.sampleRate);
    now.context.resume();
    const begun_s = now.context.currentTime + SOON_S;
    const voice = voiceOf(now, begun_s, from_s);
    voice.nodes.after.source.onended = () => {
      if (now.voice !== voice) return;
      Object.assign(now, { voice: null, place_s: 0 });
      onChange();
    };
    now.voice = voice;
  }

  function end() {
    const { voice, context } = now;
    if (!voice) return;
    now.place_s = position();
    now.voice = null;
    const at = context.currentTime;
    fade(voice.edge.gain, 0, at, EDGE_S);
    for (const { source } of Object.values(voice.nodes)) source.stop(at + 2 * EDGE_S);
  }

  function again(from_s) {
    const place_s = Math.max(0, Math.min(from_s, duration() - 0.01));
    const wasPlaying = now.voice !== null;
    end();
    now.place_s = place_s;
    if (wasPlaying) begin(place_s);
    onChange();
  }

  return {
    get playing() {
      return now.voice !== null;
    },
    get side() {
      return now.side;
    },
    get loop() {
      return now.loop;
    },
    get buffers() {
      return now.buffers;
    },
    duration,
    position,
    /** Decode both and take them, unless `isWanted` says no meanwhile; returns whether they were taken. */
    async load({ before, after, rate_hz, isWanted = () => true }) {
      const [decodedBefore, decodedAfter] = await Promise.all([decoded(before, rate_hz), decoded(after, rate_hz)]);
      if (!isWanted()) return false;
      const [wasPlaying, at] = [now.voice !== null, position()];
      end();
      now.buffers = { before: decodedBefore, after: decodedAfter };
      if (now.loop && now.loop.to > duration()) now.loop = null;
      now.place_s = at < duration() ? at : 0;
      if (wasPlaying) begin(now.place_s);
      onChange();
      return true;
    },
    clear() {
      end();
      Object.assign(now, { buffers: null, loop: null, place_s: 0 });
      onChange();
    },
    play() {
      if (!now.buffers || now.voice) return;
      const { loop } = now;
      const at = now.place_s >= duration() - 0.02 ? 0 : now.place_s;
      begin(loop && (at < loop.from || at >= loop.to) ? loop.from : at);
      onChange();
    },
    pause() {
      end();
      onChange();
    },
    seek: again,
    listenTo(side) {
      if (side === now.side) return;
      now.side = side;
      if (now.voice) {
        const at = now.context.currentTime;
        for (const [name, { gain }] of Object.entries(now.voice.nodes)) fade(gain.gain, name === side ? 1 : 0, at, CROSSFADE_S);
      }
      onChange();
    },
    setLoop(loop) {
      now.loop = loop;
      const at = position();
      again(loop && (at < loop.from || at >= loop.to) ? loop.from : at);
    },
  };
}

function voiceOf({ context, buffers, side, loop }, begun_s, from_s) {
  const edge = context.createGain();
  edge.gain.setValueAtTime(0, begun_s);
  edge.gain.linearRampToValueAtTime(1, begun_s + EDGE_S);
  edge.connect(context.destination);
  const nodes = {};
  for (const name of ["before", "after"]) {
    const source = context.createBufferSource();
    const gain = context.createGain();
    source.buffer = buffers[name];
    if (loop) Object.assign(source, { loop: true, loopStart: loop.from, loopEnd: loop.to });
    gain.gain.value = name === side ? 1 : 0;
    source.connect(gain).connect(edge);
    source.start(begun_s, from_s);
    nodes[name] = { source, gain };
  }
  return { nodes, edge, begun_s, from_s, loop };
}

function fade(parameter, to, at, length_s) {
  const from = parameter.value;
  parameter.cancelScheduledValues(at);
  parameter.setValueAtTime(from, at);
  parameter.linearRampToValueAtTime(to, at + length_s);
}

/** The sound card at the session's rate where it takes it, so that nothing is resampled that need not be. */
function contextFor(sampleRate) {
  try {
    return new AudioContext({ sampleRate });
  } catch {
    return new AudioContext();
  }
}

async function decoded(bytes, rate_hz) {
  return await new OfflineAudioContext(2, 1, rate_hz).decodeAudioData(bytes);
}
