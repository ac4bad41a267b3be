package embed

import (
	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/schemas"
)

// Role says what a model is for.
type Role string

// The roles.
const (
	RoleEmbed  Role = "embed"  // aligned face to vector
	RoleDetect Role = "detect" // image to faces with five landmarks
)

// Model is a model that can be named: a file with a pinned digest and what one
// has to know to use it.
type Model struct {
	Name      string
	Role      Role
	File      string // file name, and where a model was given by path that path
	Repo      string // "owner/name" at GitHub; "" where it was given by path
	Commit    string
	URL       string // "" where it was given by path
	Bytes     int64
	SHA256    schemas.Digest
	Licence   string                // of the file
	TrainedOn string                // whose terms are their own matter
	Contract  schemas.ModelContract // of a RoleEmbed
	Detection schemas.Detection     // defaults of a RoleDetect
	Densities *Densities            // nil: not measured
	Data      []byte                // the file, where it is part of this program
}

// Densities are the cosines of pairs of faces as a model gives them, where they
// were measured.
type Densities struct {
	ImpostorMean float64 `json:"impostor_mean"` // pairs of two persons
	ImpostorStd  float64 `json:"impostor_std"`
	GenuineMean  float64 `json:"genuine_mean"` // pairs of one person
	GenuineStd   float64 `json:"genuine_std"`
	Made         string  `json:"made"` // on what, how many pairs
}

// The models that commands use where none is named, and the one that is part of
// this program.
const (
	DefaultModel    = "mobilefacenet"
	DefaultDetector = "yunet"
	BuiltinModel    = "builtin"
)

const (
	apache    = "Apache-2.0"
	yunetRepo = "ShiqiYu/libfacedetection.train"
	yunetAt   = "0047ac24afb1a50a0c6105001c89d1b5b805dbf1"
	zooAt     = "966be4cb6eefc2a4f586ed0581bf4bbaa2533070"
	onnxAt    = "b1eeaa1ac722dcc1cd1a8284bde34393dab61c3d"
	foamliuAt = "a6cc9032a659b615f477833e1a70b5e7931bcccc"
	raw       = "https://raw.githubusercontent.com/"
	lfs       = "https://media.githubusercontent.com/media/" // files in Git LFS
)

// Models returns the models that are known by name, defaults first.
func Models() []Model {
	return []Model{
		{
			Name: DefaultModel, Role: RoleEmbed, File: "MobileFaceNet.onnx",
			Repo: "foamliu/MobileFaceNet", Commit: foamliuAt,
			URL:   raw + "foamliu/MobileFaceNet/" + foamliuAt + "/weights/MobileFaceNet.onnx",
			Bytes: 3998070, SHA256: "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
			Licence: apache, TrainedOn: "MS-Celeb-1M (a set released for research)",
			Contract: rgb112(128, "0.00392156862745098",
				[3]schemas.Decimal{"0.485", "0.456", "0.406"}, [3]schemas.Decimal{"0.229", "0.224", "0.225"}),
			Densities: &Densities{
				ImpostorMean: .011, ImpostorStd: .103, GenuineMean: .646, GenuineStd: .130,
				Made: "LFW, the 3,000 and 3,000 pairs of its protocol, with yunet at 320, faces with their mirror images",
			},
		},
		yunet(DefaultDetector, "yunet_n_dynamic.onnx", 322906,
			"104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12", 320),
		yunet("yunet-320", "yunet_n_320_320.onnx", 317434,
			"81dbde155e982455488235acb8ec2dec5d647edf7cf7080d33e4abb69b93a0d2", 320),
		yunet("yunet-640", "yunet_n_640_640.onnx", 317466,
			"25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31", 640),
		{
			Name: "sface", Role: RoleEmbed, File: "face_recognition_sface_2021dec.onnx",
			Repo: "opencv/opencv_zoo", Commit: zooAt,
			URL: lfs + "opencv/opencv_zoo/" + zooAt +
				"/models/face_recognition_sface/face_recognition_sface_2021dec.onnx",
			Bytes: 38696353, SHA256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
			Licence: apache, TrainedOn: "web face sets released for research (see its repository)",
			Contract: rgb112(128, "1", [3]schemas.Decimal{"0", "0", "0"}, [3]schemas.Decimal{"1", "1", "1"}),
		},
		{
			Name: "arcface-r100", Role: RoleEmbed, File: "arcfaceresnet100-8.onnx",
			Repo: "onnx/models", Commit: onnxAt,
			URL: lfs + "onnx/models/" + onnxAt +
				"/validated/vision/body_analysis/arcface/model/arcfaceresnet100-8.onnx",
			Bytes: 261036388, SHA256: "f3a6bc281e72f88862f5748b53be3d76b3b48f8f1ab1f4a537941bdc4e1b01da",
			Licence: apache, TrainedOn: "a refined MS-Celeb-1M (a set released for research)",
			Contract: rgb112(512, "1", [3]schemas.Decimal{"0", "0", "0"}, [3]schemas.Decimal{"1", "1", "1"}),
		},
		builtinModel(),
	}
}

func rgb112(dim int, scale schemas.Decimal, mean, std [3]schemas.Decimal) schemas.ModelContract {
	return schemas.ModelContract{
		Width: 112, Height: 112, Channels: "rgb", Scale: scale, Mean: mean, Std: std, Dim: dim,
		Points: PointsArcFace,
	}
}

func yunet(name, file string, bytes int64, digest schemas.Digest, size int) Model {
	return Model{
		Name: name, Role: RoleDetect, File: file, Repo: yunetRepo, Commit: yunetAt,
		URL:   raw + yunetRepo + "/" + yunetAt + "/onnx/" + file,
		Bytes: bytes, SHA256: digest, Licence: apache, TrainedOn: "WIDER FACE (a set released for research)",
		Detection: schemas.Detection{Decoding: detect.YuNet{}.Name(), Size: size, Score: "0.5", NMS: "0.3"},
	}
}

// Spec returns what a run's Spec says of the stage embed, for an embedding model and a
// detector; the zero detector means that none runs. Each face is embedded once, without
// its mirror image (FlipNone).
func Spec(model, detector Model) schemas.EmbedSpec {
	return schemas.EmbedSpec{
		Model: model.SHA256, Contract: model.Contract,
		Detector: detector.SHA256, Detection: detector.Detection,
		Alignment: Alignment, Flip: FlipNone, Decode: Decode,
	}
}
