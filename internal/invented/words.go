package invented

// The texts that invented staff typed, in the language in which they write.
// They are data, not sentences of the program: package words holds those.

// Disclaimer stands on every invented record that has room for a remark.
const Disclaimer = "Người hư cấu, chỉ để minh họa."

var counsellorNotes = []string{
	"Ngủ tốt, ăn được, không thèm nhớ. Gia đình ủng hộ việc điều trị.",
	"Đã trao đổi về giờ uống thuốc khi vào vụ gặt; sẽ đến sớm trước khi lên nương.",
	"Đường từ bản ra trạm khó đi khi mưa. Đã bàn cách nhắn tin cho trạm khi không đến được.",
	"Bắt đầu làm phụ hồ ở xã bên, muốn uống thuốc trước 7 giờ.",
	"Vợ cùng đến hôm nay. Đã giải thích cách nhận biết dấu hiệu quá liều và gọi trạm.",
	"Còn khó ngủ một hai đêm mỗi tuần, không sử dụng thêm. Hẹn gặp lại sau hai tuần.",
	"Kể là có lúc thèm nhớ khi gặp bạn cũ. Đã cùng tìm cách từ chối.",
	"Đã tư vấn xét nghiệm HIV và viêm gan; đồng ý làm tại trạm trong tháng.",
	"Nói tiếng phổ thông chưa nhiều, lần này có nhân viên y tế bản giúp phiên dịch.",
	"Táo bón nhẹ. Đã hướng dẫn uống nhiều nước, ăn rau, báo bác sĩ nếu không đỡ.",
	"Con nhỏ đi học lại, tinh thần tốt. Muốn giữ nguyên liều.",
	"Uống rượu trong đám cưới tuần trước. Đã giải thích nguy cơ khi dùng rượu cùng methadone.",
	"Đến đều cả tháng. Đã khen và hỏi về kế hoạch công việc sau mùa vụ.",
	"Lo ngại người quen nhìn thấy khi đến trạm. Đã thống nhất lối vào bên hông.",
}

var awayNotes = []string{
	"Mấy ngày qua không đến được vì đường sạt lở. Không sử dụng gì khác.",
	"Đi gặt lúa ở bản bên nên nghỉ mấy ngày. Đã giải thích vì sao liều phải giảm.",
	"Đưa mẹ đi bệnh viện tỉnh nên không đến. Đã bàn cách báo trước cho trạm.",
}

const firstNote = "Tự nguyện tham gia điều trị. Đã giải thích về methadone, giờ uống thuốc và quyền của người bệnh."

var riseReasons = []string{
	"Còn dấu hiệu thiếu thuốc vào buổi tối, chưa buồn ngủ: tăng liều.",
	"Còn thèm nhớ và ngủ kém, dung nạp tốt liều hiện tại: tăng liều.",
	"Vẫn vã mồ hôi, đau mỏi trước giờ uống thuốc: tăng liều.",
}

var upReasons = []string{
	"Bắt đầu thuốc lao có rifampicin, có dấu hiệu thiếu thuốc: tăng liều và theo dõi.",
	"Thèm nhớ trở lại, xét nghiệm nước tiểu có chất dạng thuốc phiện: tăng liều.",
	"Thiếu thuốc vào buổi chiều: tăng liều.",
}

var downReasons = []string{
	"Buồn ngủ ban ngày: giảm liều.",
	"Người bệnh đề nghị giảm, ổn định nhiều tháng: giảm từng bước.",
	"Đã ngừng thuốc lao: giảm liều về mức trước.",
}

const (
	startReason   = "Bắt đầu điều trị, đã khám và đánh giá."
	renewReason   = ""
	reduceReason  = "Nghỉ nhiều ngày, dung nạp giảm: uống liều thấp rồi tăng dần."
	restartReason = "Nghỉ dài ngày: bắt đầu lại từ liều thấp."
	rebuildReason = "Dung nạp tốt sau khi nghỉ: tăng dần về liều cũ."
	importReason  = "Theo đơn đang dùng trong sổ giấy."
	stopReason    = "Kết thúc điều trị tại trạm."
	overrideText  = "Đã khám, cân nhắc và theo dõi sát."
)

// overrides are the physician's reasons for going past a warning, by its rule.
var overrides = map[string]string{
	"ORDER-22": "Sử dụng nhiều trước khi điều trị, đã quan sát sau liều đầu.",
	"ORDER-29": "Đang dùng thuốc lao, đã đo điện tim: liều cao hơn mức thường gặp là cần.",
	"ORDER-30": "Ổn định với liều thấp, không thèm nhớ, xét nghiệm không có chất dạng thuốc phiện.",
	"ORDER-33": "Đường xa, bác sĩ không có mặt mỗi ngày.",
}

const (
	holdSigns   = "Nói líu, đi loạng choạng, hơi thở có mùi rượu; thở đều, gọi trả lời được."
	holdCalled  = "Bác sĩ của trạm"
	holdPlan    = "Mời ngồi chờ, xem lại sau một giờ."
	releaseNote = "Tỉnh táo, đi vững, đồng tử bình thường. Bác sĩ đồng ý cho uống."
	partWhy     = "Buồn nôn, không uống hết; phần còn lại đổ bỏ có người chứng kiến."
	spiltNote   = "Cốc đổ trên quầy trước khi đưa."
	wrongNote   = "Gọi nhầm người trùng tên, chưa đưa cốc."
	answerNote  = "Xem lại camera của quầy và hỏi người bệnh: đã uống hết."
	correctWhy  = "Ghi nhầm là uống hết; thực tế còn lại một phần trong cốc."
	vomitNote   = "Nôn tại phòng chờ."
	replaceWhy  = "Nôn ít phút sau khi uống, nhân viên nhìn thấy, không có dấu hiệu ngộ độc."
	spillWhy    = "Sánh ra khi rót."
	countWhy    = "Dính thành chai và cốc đong; đã đo lại hai lần."
	takenOver   = "Còn lại theo sổ giấy khi bắt đầu ghi trên máy."
	delivered   = "Nhận từ kho huyện."
	gapSame     = "Đã khám, còn dung nạp."
)
