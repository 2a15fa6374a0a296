// A recording to listen to and to read along: everything shown is text, and nothing is fetched but from this server.

const STEP_SECONDS = 5;
const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const players = new WeakMap();

export default function ({ data, parentElement }) {
  let player = players.get(parentElement);
  if (player?.id !== data.id) {
    player?.stop();
    player = new Player(parentElement, data);
    players.set(parentElement, player);
  }
  player.show(data);
  return () => player.stop();
}

class Player {
  constructor(root, data) {
    const find = (sign) => root.querySelector(sign);
    this.id = data.id;
    this.part = {
      all: find(".player"), bar: find(".bar"), play: find(".play"), back: find(".back"), ahead: find(".ahead"),
      time: find(".time"), speed: find(".speed"), follow: find(".follow input"), followText: find(".follow span"),
      wave: find(".wave"), note: find(".note"), cues: find(".cues"), sound: find("audio"),
    };
    this.at = 0;
    this.current = -1;
    this.jumped = null;
    this.retried = false;
    this.part.sound.removeAttribute("src");
    this.part.sound.load();
    this.listen();
  }

  show(data) {
    const { part } = this;
    this.texts = data.texts;
    this.audio = data.audio;
    this.seconds = data.seconds;
    this.cues = data.cues;
    part.bar.hidden = part.wave.hidden = !data.audio;
    part.bar.setAttribute("aria-label", this.texts.controls);
    part.back.textContent = `−${STEP_SECONDS} s`;
    part.back.setAttribute("aria-label", this.texts.back);
    part.ahead.textContent = `+${STEP_SECONDS} s`;
    part.ahead.setAttribute("aria-label", this.texts.ahead);
    part.followText.textContent = this.texts.follow;
    part.wave.setAttribute("aria-label", this.texts.position);
    part.cues.setAttribute("aria-label", this.texts.transcript);
    this.offerSpeeds();
    this.draw(data.peaks, data.marks);
    this.list(data.cues);
    if (!data.audio) this.say(data.why);
    this.showPlaying();
    this.move(this.at);
    this.jump(data.jump);
  }

  offerSpeeds() {
    const { speed, sound } = this.part;
    speed.setAttribute("aria-label", this.texts.speed);
    if (speed.options.length) return;
    for (const times of SPEEDS) speed.append(new Option(`${times}×`, times));
    speed.value = "1";
    speed.onchange = () => { sound.defaultPlaybackRate = sound.playbackRate = Number(speed.value); };
  }

  draw(peaks, marks) {
    const { wave } = this.part;
    const pairs = peaks.length / 2;
    const tops = [], bottoms = [];
    for (let place = 0; place < pairs; place += 1) {
      tops.push(`${place} ${128 - Math.max(peaks[2 * place + 1], 1)}`);
      bottoms.unshift(`${place} ${128 - Math.min(peaks[2 * place], -1)}`);
    }
    for (const drawn of wave.querySelectorAll("svg")) {
      drawn.setAttribute("viewBox", `0 0 ${Math.max(pairs - 1, 1)} 256`);
      drawn.firstElementChild.setAttribute("d", pairs ? `M${[...tops, ...bottoms].join("L")}Z` : "M0 126H1V130H0Z");
    }
    for (const old of wave.querySelectorAll("i")) old.remove();
    for (const second of marks) {
      const mark = document.createElement("i");
      mark.style.left = `${(100 * second) / (this.seconds || 1)}%`;
      wave.append(mark);
    }
    wave.setAttribute("aria-valuemax", String(Math.round(this.seconds)));
  }

  list(cues) {
    const { cues: shown } = this.part;
    const told = JSON.stringify(cues);
    if (this.told === told) return;
    this.told = told;
    this.current = -1;
    shown.replaceChildren(...cues.map((cue, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(piece("at", clock(cue.start)), piece("who", cue.speaker), said(cue.pieces));
      button.onclick = () => { this.go(cue.start, Boolean(this.audio)); this.mark(place); };
      const line = document.createElement("li");
      line.append(button);
      return line;
    }));
  }

  listen() {
    const { all, play, back, ahead, wave, sound } = this.part;
    play.onclick = () => this.toggle();
    back.onclick = () => this.go(this.at - STEP_SECONDS);
    ahead.onclick = () => this.go(this.at + STEP_SECONDS);
    wave.onclick = (event) => {
      const box = wave.getBoundingClientRect();
      this.go((this.seconds * (event.clientX - box.left)) / box.width);
    };
    all.onkeydown = (event) => this.press(event);
    sound.ontimeupdate = () => { if (this.isLoaded()) this.move(sound.currentTime); };
    sound.onloadedmetadata = () => {
      if (Number.isFinite(sound.duration)) this.seconds = sound.duration;
      sound.currentTime = this.at;
      sound.playbackRate = Number(this.part.speed.value);
    };
    sound.onplaying = () => { this.retried = false; this.say(""); };
    sound.onplay = sound.onpause = sound.onended = () => this.showPlaying();
    sound.onerror = () => this.again();
  }

  press(event) {
    const onControl = event.target.closest("button, select, input");
    const acts = {
      ArrowLeft: () => this.go(this.at - STEP_SECONDS),
      ArrowRight: () => this.go(this.at + STEP_SECONDS),
      ArrowUp: () => this.focusCue(this.place(event) - 1),
      ArrowDown: () => this.focusCue(this.place(event) + 1),
      Home: () => this.go(0),
      End: () => this.go(this.seconds),
    };
    if (!onControl) acts[" "] = () => this.toggle();
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    if (onControl?.tagName === "SELECT") return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  place(event) {
    const line = event.target.closest("li");
    return line ? [...this.part.cues.children].indexOf(line) : this.current - 1;
  }

  focusCue(place) {
    const lines = this.part.cues.children;
    lines[Math.min(Math.max(place, 0), lines.length - 1)]?.firstElementChild.focus();
  }

  isLoaded() {
    return this.part.sound.hasAttribute("src") && this.part.sound.readyState > 0;
  }

  async toggle() {
    if (this.part.sound.paused) await this.play();
    else this.part.sound.pause();
  }

  async play() {
    if (!this.audio) return;
    if (this.at >= this.seconds - 0.2) this.at = 0;
    try {
      if (!this.part.sound.hasAttribute("src") && !(await this.load())) return;
      if (this.isLoaded() && Math.abs(this.part.sound.currentTime - this.at) > 0.3) this.part.sound.currentTime = this.at;
      await this.part.sound.play();
    } catch (problem) {
      if (problem.name !== "AbortError" && !this.part.sound.error) this.say(this.texts.failed);
    }
  }

  async load() {
    this.say(this.texts.loading);
    const answer = await fetch(this.audio, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (!answer.ok) {
      this.say(`${told.error.message} ${told.error.remedy}`);
      return false;
    }
    this.part.sound.src = told.url;
    this.say("");
    return true;
  }

  async again() {
    const { sound } = this.part;
    if (!sound.hasAttribute("src")) return;
    sound.removeAttribute("src");
    if (this.retried) {
      this.say(this.texts.failed);
      this.showPlaying();
      return;
    }
    this.retried = true;
    await this.play();
  }

  go(seconds, plays = false) {
    const at = Math.min(Math.max(seconds, 0), this.seconds);
    this.move(at);
    if (this.isLoaded()) this.part.sound.currentTime = at;
    if (plays && this.part.sound.paused) this.play();
  }

  jump(wanted) {
    if (!wanted || this.jumped === wanted.mark) return;
    this.jumped = wanted.mark;
    this.go(wanted.at, wanted.plays && Boolean(this.audio));
    this.mark(wanted.cue);
  }

  move(at) {
    this.at = at;
    const { wave, time } = this.part;
    wave.style.setProperty("--done", `${(100 * at) / (this.seconds || 1)}%`);
    wave.setAttribute("aria-valuenow", String(Math.round(at)));
    wave.setAttribute("aria-valuetext", `${clock(at)} / ${clock(this.seconds)}`);
    time.textContent = `${clock(at)} / ${clock(this.seconds)}`;
    this.mark(this.cues.findLastIndex((cue) => cue.start <= at + 0.05));
  }

  mark(place) {
    const { cues, follow } = this.part;
    if (place === this.current) return;
    cues.children[this.current]?.firstElementChild.removeAttribute("aria-current");
    this.current = place;
    const line = cues.children[place];
    line?.firstElementChild.setAttribute("aria-current", "true");
    if (line && follow.checked) cues.scrollTop = line.offsetTop - cues.clientHeight / 3;
  }

  showPlaying() {
    const { play, sound } = this.part;
    play.textContent = sound.paused ? `▶ ${this.texts.play}` : `❚❚ ${this.texts.pause}`;
  }

  say(text) {
    this.part.note.textContent = text ?? "";
  }

  stop() {
    this.part.sound.pause();
    this.part.sound.removeAttribute("src");
  }
}

function piece(kind, text) {
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
}

function said(pieces) {
  const made = piece("said", "");
  for (const [text, isHit] of pieces) made.append(isHit ? Object.assign(document.createElement("mark"), { textContent: text }) : text);
  return made;
}

function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
