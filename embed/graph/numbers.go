package graph

// Field numbers of the ONNX protocol buffers (onnx.proto3), named by message and
// field.
const (
	ModelVersion     = 1 // ir_version
	ModelProducer    = 2
	ModelGraph       = 7
	ModelOperators   = 8 // opset_import
	SetDomain        = 1
	SetVersion       = 2
	GraphNode        = 1
	GraphName        = 2
	GraphInitializer = 5
	GraphInput       = 11
	GraphOutput      = 12
	GraphValueInfo   = 13
	GraphSparse      = 15 // sparse_initializer
	NodeInput        = 1
	NodeOutput       = 2
	NodeName         = 3
	NodeOperator     = 4
	NodeAttribute    = 5
	NodeDomain       = 7
	AttributeName    = 1
	AttributeFloat   = 2
	AttributeInt     = 3
	AttributeString  = 4
	AttributeTensor  = 5
	AttributeFloats  = 7
	AttributeInts    = 8
	AttributeType    = 20
	TensorDims       = 1
	TensorType       = 2
	TensorFloats     = 4 // float_data
	TensorInts       = 7 // int64_data
	TensorName       = 8
	TensorRaw        = 9 // raw_data
	TensorLocation   = 14
	InfoName         = 1
	InfoType         = 2
	TypeTensor       = 1
	TypeElement      = 1
	TypeShape        = 2
	ShapeDim         = 1
	DimValue         = 1
	DimParam         = 2
)

// Types of a tensor's elements (TensorProto.DataType).
const (
	Float32 = 1
	Int64   = 7
)

// Types of an attribute (AttributeProto.AttributeType).
const (
	typeFloat  = 1
	typeInt    = 2
	typeString = 3
	typeTensor = 4
	typeFloats = 6
	typeInts   = 7
)
