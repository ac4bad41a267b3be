"""A plain Python script that does what `make bench` measures of the engine.

    python3 bench/baseline.py DETECTOR.onnx MODEL.onnx FOLDER [IMAGES [opencv]]

OpenCV decodes, letterboxes and warps; ONNX Runtime detects (YuNet, 320 x 320;
with the word opencv: OpenCV's own class for that network) and embeds each face
with MobileFaceNet, one at a time (the file has a fixed batch); one process with one
thread on every core. It prints images a second, and a second of processor time. Needs numpy, opencv-python-headless, onnxruntime.
"""
import multiprocessing
import os
import pathlib
import sys
import time

import cv2
import numpy as np
import onnxruntime

SIZE = 320
POINTS = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
MEAN, STD = np.array([.485, .456, .406], np.float32), np.array([.229, .224, .225], np.float32)
sessions = {}


def start(detector, model, own):
    cv2.setNumThreads(1)
    if own:
        sessions["own"] = cv2.FaceDetectorYN.create(detector, "", (SIZE, SIZE), .5, .3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    for name, path in ("detector", detector), ("model", model):
        sessions[name] = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    sessions["outputs"] = [o.name for o in sessions["detector"].get_outputs()]


def detect(image):
    """Landmarks of the face that the photograph is about, in its pixels; None: no face."""
    height, width = image.shape[:2]
    scale = SIZE / max(height, width)
    small = cv2.resize(image, (round(width * scale), round(height * scale)))
    square = np.zeros((SIZE, SIZE, 3), np.uint8 if "own" in sessions else np.float32)
    square[: small.shape[0], : small.shape[1]] = small
    if "own" in sessions:
        _, faces = sessions["own"].detect(square)
        return None if faces is None else choose(faces[:, :4] / scale, faces[:, 4:14].reshape(-1, 5, 2) / scale, width, height)
    out = sessions["detector"].run(None, {"input": np.ascontiguousarray(square.transpose(2, 0, 1))[None]})
    outputs = dict(zip(sessions["outputs"], out))
    boxes, scores, landmarks = [], [], []
    for stride in (8, 16, 32):
        score = np.sqrt(outputs[f"cls_{stride}"][0, :, 0] * outputs[f"obj_{stride}"][0, :, 0])
        for cell in np.nonzero(score > .5)[0]:
            at = np.array([cell % (SIZE // stride), cell // (SIZE // stride)])
            box, kps = outputs[f"bbox_{stride}"][0, cell], outputs[f"kps_{stride}"][0, cell].reshape(5, 2)
            centre, size = (at + box[:2]) * stride, np.exp(box[2:]) * stride
            boxes.append(np.concatenate([centre - size / 2, size]) / scale)
            scores.append(float(score[cell]))
            landmarks.append((at + kps) * stride / scale)
    kept = cv2.dnn.NMSBoxes([b.tolist() for b in boxes], scores, .5, .3) if boxes else []
    kept = np.ravel(kept).astype(int)
    return choose(np.array(boxes)[kept], np.array(landmarks)[kept], width, height) if len(kept) else None


def choose(boxes, landmarks, width, height):
    """Landmarks of the large face near the middle."""
    x, y, w, h = boxes.T
    return landmarks[np.argmax(w * h - 2 * ((x + w / 2 - width / 2) ** 2 + (y + h / 2 - height / 2) ** 2))]


def similarity(landmarks):
    a, b = landmarks - landmarks.mean(0), POINTS - POINTS.mean(0)
    u, s, v = np.linalg.svd(b.T @ a)
    d = np.array([1, np.sign(np.linalg.det(u @ v))])
    turn = u @ np.diag(d) @ v * ((s * d).sum() / (a ** 2).sum())
    return np.hstack([turn, (POINTS.mean(0) - turn @ landmarks.mean(0))[:, None]])


def timed(path):
    """An image's vector and the processor time that it took."""
    before = time.process_time()
    return embed(path), time.process_time() - before


def embed(path):
    image = cv2.imread(path)
    landmarks = detect(image)
    if landmarks is None:
        return None
    face = cv2.warpAffine(image, similarity(landmarks), (112, 112))[:, :, ::-1]
    tensor = ((face.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
    vector = sessions["model"].run(None, {"input0": np.ascontiguousarray(tensor)})[0][0]
    return vector / np.linalg.norm(vector)


def main():
    detector, model, folder = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 300
    own = sys.argv[5:] == ["opencv"]
    paths = sorted(str(p) for p in pathlib.Path(folder).rglob("*.jpg"))
    paths = [paths[i * len(paths) // count] for i in range(count)]
    with multiprocessing.Pool(len(os.sched_getaffinity(0)), start, (detector, model, own)) as pool:
        pool.map(timed, paths[:8])  # sessions are open
        began = time.time()
        vectors, processor = zip(*pool.map(timed, paths, chunksize=4))
        took = time.time() - began
    print(f"{len(paths) / took:.2f} images a second, {len(paths) / sum(processor):.2f} a second of processor time, "
          f"{sum(v is None for v in vectors)} without a face")


if __name__ == "__main__":
    main()
