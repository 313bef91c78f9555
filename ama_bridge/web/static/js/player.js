/** Sounds of which one is heard: before and after run together, A/B at the same place, without a gap or a click; references have places of their own.

Before and after start at the same sample and run through a gain each; switching is a crossfade of `CROSSFADE_S` between the gains (linear, since the
two are nearly the same sound). Starting, stopping, seeking and going over to a reference fade for `EDGE_S`. Whatever is loaded is heard as loud as
the quietest of it: the louder ones are turned down, never the quieter ones up. */

const CROSSFADE_S = 0.015;
const EDGE_S = 0.008;
const SOON_S = 0.02;
const MIX = ["before", "after"];

/** Return a player; `onChange` is called when it starts, stops, switches, or gets other sounds. */
export function createPlayer(onChange) {
  const now = { sounds: {}, side: "after", mixSide: "after", places: {}, loops: {}, voice: null, context: null };

  const line = () => lineOf(now.side);
  const loop = () => now.loops[line()] ?? null;
  const duration = () => now.sounds[now.side]?.buffer.duration ?? 0;

  function position() {
    if (!now.voice) return now.places[line()] ?? 0;
    const { begun_s, from_s, loop } = now.voice;
    const ran = Math.max(0, now.context.currentTime - begun_s);
    const at = from_s + ran;
    if (loop && at >= loop.to) return loop.from + ((at - loop.from) % (loop.to - loop.from));
    return Math.min(at, duration());
  }

  function begin(from_s) {
    now.context ??= contextFor(now.sounds[now.side].buffer.sampleRate);
    now.context.resume();
    const begun_s = now.context.currentTime + SOON_S;
    const voice = voiceOf({ ...now, loop: loop() }, begun_s, from_s);
    voice.nodes[now.side].source.onended = () => {
      if (now.voice !== voice) return;
      now.voice = null;
      now.places[line()] = 0;
      onChange();
    };
    now.voice = voice;
  }

  function end() {
    const { voice, context } = now;
    if (!voice) return;
    now.places[line()] = position();
    now.voice = null;
    const at = context.currentTime;
    fade(voice.edge.gain, 0, at, EDGE_S);
    for (const { source } of Object.values(voice.nodes)) source.stop(at + 2 * EDGE_S);
  }

  function again(from_s) {
    const place_s = Math.max(0, Math.min(from_s, duration() - 0.01));
    const wasPlaying = now.voice !== null;
    end();
    now.places[line()] = place_s;
    if (wasPlaying) begin(place_s);
    onChange();
  }

  /** Take sounds; what is heard goes on where it was. */
  function take(sounds) {
    const wasPlaying = now.voice !== null;
    end();
    now.sounds = { ...now.sounds, ...sounds };
    for (const name of Object.keys(sounds)) {
      const [at, length] = [lineOf(name), sounds[name].buffer.duration];
      if ((now.loops[at]?.to ?? 0) > length) now.loops[at] = null;
      if ((now.places[at] ?? 0) >= length) now.places[at] = 0;
    }
    if (wasPlaying) begin(now.places[line()] ?? 0);
    onChange();
  }

  return {
    get playing() {
      return now.voice !== null;
    },
    get side() {
      return now.side;
    },
    /** Before or after: which of them is heard, or was last. */
    get mixSide() {
      return now.mixSide;
    },
    get loop() {
      return loop();
    },
    duration,
    position,
    /** Return the buffers that run together with what is heard, by name; none where nothing is loaded. */
    lanes() {
      const names = now.side in now.sounds ? Object.keys(now.sounds).filter((name) => lineOf(name) === line()) : [];
      return names.map((name) => ({ name, buffer: now.sounds[name].buffer }));
    },
    has: (name) => name in now.sounds,
    /** Decode both and take them, unless `isWanted` says no meanwhile; returns whether they were taken. `lufs` tells how loud they are. */
    async load({ before, after, rate_hz, lufs = {}, isWanted = () => true }) {
      const [decodedBefore, decodedAfter] = await Promise.all([decoded(before, rate_hz), decoded(after, rate_hz)]);
      if (!isWanted()) return false;
      take({ before: { buffer: decodedBefore, lufs: lufs.before }, after: { buffer: decodedAfter, lufs: lufs.after } });
      return true;
    },
    /** The same for a reference. */
    async add(name, { sound, rate_hz, lufs, isWanted = () => true }) {
      const buffer = await decoded(sound, rate_hz);
      if (!isWanted()) return false;
      take({ [name]: { buffer, lufs } });
      return true;
    },
    clear() {
      end();
      Object.assign(now, { sounds: {}, side: now.mixSide, places: {}, loops: {} });
      onChange();
    },
    play() {
      if (!(now.side in now.sounds) || now.voice) return;
      const at = position() >= duration() - 0.02 ? 0 : position();
      const within = loop();
      begin(within && (at < within.from || at >= within.to) ? within.from : at);
      onChange();
    },
    pause() {
      end();
      onChange();
    },
    seek: again,
    listenTo(side) {
      if (side === now.side) return;
      const goesOver = lineOf(side) !== line();
      const wasPlaying = now.voice !== null;
      if (goesOver) end();
      now.side = side;
      if (MIX.includes(side)) now.mixSide = side;
      if (goesOver && wasPlaying) begin(position());
      else if (now.voice) {
        const at = now.context.currentTime;
        for (const [name, { gain }] of Object.entries(now.voice.nodes))
          fade(gain.gain, name === side ? levelOf(now.sounds, name) : 0, at, CROSSFADE_S);
      }
      onChange();
    },
    setLoop(loop) {
      now.loops[line()] = loop;
      const at = position();
      again(loop && (at < loop.from || at >= loop.to) ? loop.from : at);
    },
  };
}

function lineOf(name) {
  return MIX.includes(name) ? "mix" : name;
}

/** Return the gain that brings a sound to the loudness of the quietest; what is silent, or of unknown loudness, stays as it is. */
function levelOf(sounds, name) {
  const known = Object.values(sounds).filter(({ lufs }) => Number.isFinite(lufs));
  const { lufs } = sounds[name];
  return Number.isFinite(lufs) ? 10 ** ((Math.min(...known.map((each) => each.lufs)) - lufs) / 20) : 1;
}

function voiceOf({ context, sounds, side, loop }, begun_s, from_s) {
  const edge = context.createGain();
  edge.gain.setValueAtTime(0, begun_s);
  edge.gain.linearRampToValueAtTime(1, begun_s + EDGE_S);
  edge.connect(context.destination);
  const nodes = {};
  for (const name of Object.keys(sounds).filter((each) => lineOf(each) === lineOf(side))) {
    const source = context.createBufferSource();
    const gain = context.createGain();
    source.buffer = sounds[name].buffer;
    if (loop) Object.assign(source, { loop: true, loopStart: loop.from, loopEnd: loop.to });
    gain.gain.value = name === side ? levelOf(sounds, name) : 0;
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
