// SPDX-License-Identifier: MIT

#include "static_files/compressed_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace uwsgi {
namespace {

// What Work reads of a file: a millisecond or two of compressing.
constexpr std::uint64_t kStep = 64 * 1024;

// Equal for the same content of the same file, as far as the file system can tell, in one coding.
std::string KeyOf(const struct stat& file, std::string_view coding) {
  return fmt::format("{:x}.{:x}.{:x}.{:x}.{:x}.{:x}.{:x}.{}", file.st_dev, file.st_ino,
                     file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec, file.st_ctim.tv_sec,
                     file.st_ctim.tv_nsec, coding);
}

UniqueFd Duplicate(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

bool WriteAll(const UniqueFd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

// One file on its way into memory.
class CompressedFiles::Job {
 public:
  Job(std::string key, const FoundFile& file, std::string_view coding,
      compression::Compressor& compressor)
      : compressor_(compressor),
        coding_(coding),
        source_(Duplicate(file.fd)),
        size_(static_cast<std::uint64_t>(file.status.st_size)) {
    result_.key = std::move(key);
  }
  ~Job() {
    if (encoder_ != nullptr) compressor_.Return(std::move(encoder_));
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // True when it is over.
  bool Step() {
    if (encoder_ == nullptr && !Open()) return Fail();
    piece_.resize(static_cast<std::size_t>(std::min(kStep, size_ - read_)));
    const ssize_t count =
        ::pread(source_.get(), piece_.data(), piece_.size(), static_cast<off_t>(read_));
    if (count != static_cast<ssize_t>(piece_.size())) return Fail();  // It has become shorter.
    read_ += piece_.size();
    const bool is_last = read_ == size_;
    encoded_.clear();
    const auto flush = is_last ? compression::Flush::kFinish : compression::Flush::kSync;
    if (!encoder_->Encode(piece_, flush, encoded_)) return Fail();
    result_.size += encoded_.size();
    if (result_.size >= size_ || !WriteAll(result_.content, encoded_)) return Fail();
    return is_last;
  }

  const std::string& key() const { return result_.key; }
  // When it is over: the content is invalid if there is none to keep.
  Result TakeResult() {
    struct stat now {};
    // Written to meanwhile: nobody asks for that key any more.
    if (::fstat(source_.get(), &now) != 0 || KeyOf(now, coding_) != result_.key) Fail();
    return std::move(result_);
  }

 private:
  bool Open() {
    encoder_ = compressor_.Take(coding_);
    result_.content = UniqueFd(::memfd_create("uwsgi-compressed", MFD_CLOEXEC));
    return encoder_ != nullptr && source_.valid() && result_.content.valid();
  }
  bool Fail() {
    result_.content = UniqueFd();
    result_.size = 0;
    return true;
  }

  compression::Compressor& compressor_;
  const std::string_view coding_;  // The compressor's.
  const UniqueFd source_;
  const std::uint64_t size_;
  std::uint64_t read_ = 0;
  std::unique_ptr<compression::Encoder> encoder_;
  std::string piece_;
  std::string encoded_;
  Result result_;
};

CompressedFiles::CompressedFiles(compression::Compressor& compressor, std::function<void()> wake)
    : compressor_(compressor), wake_(std::move(wake)) {}

CompressedFiles::~CompressedFiles() = default;

void CompressedFiles::Substitute(FoundFile& file, const protocol::ConditionalFields& fields,
                                 std::time_t now) {
  const auto size = static_cast<std::uint64_t>(file.status.st_size);
  if (size > kLargest || !compressor_.Suits(file.type, size)) return;
  file.varies = true;
  // Ranges are those of the file as it is, and no other content is named by a strong tag.
  if (!fields.range.empty() || !fields.if_match.empty()) return;
  const std::string_view coding = compressor_.ChooseCoding(fields.accept_encoding);
  if (coding.empty()) return;

  // A client that has one of the two contents need not get the other.
  file.EncodeAs(coding, 0);
  if (EvaluateConditions(file, fields, now) == 304) return;
  file.StayAsItIs();
  if (EvaluateConditions(file, fields, now) == 304) return;

  const std::string key = KeyOf(file.status, coding);
  const Result* result = Find(key);
  if (result == nullptr) {
    Begin(key, file, coding);
    result = Find(key);
  }
  if (result == nullptr || !result->content.valid()) return;
  UniqueFd content = Duplicate(result->content);
  if (!content.valid()) return;  // No room for descriptors: the file itself has one.
  file.fd = std::move(content);
  file.EncodeAs(coding, result->size);
}

const CompressedFiles::Result* CompressedFiles::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  results_.splice(results_.begin(), results_, found->second);
  return &results_.front();
}

void CompressedFiles::Keep(Result result) {
  bytes_ += result.size;
  results_.push_front(std::move(result));
  by_key_[results_.front().key] = results_.begin();
  while (bytes_ > kMostBytes || results_.size() > kMostResults) {
    bytes_ -= results_.back().size;
    by_key_.erase(results_.back().key);
    results_.pop_back();
  }
}

void CompressedFiles::Begin(const std::string& key, const FoundFile& file,
                            std::string_view coding) {
  const bool waits = std::ranges::any_of(jobs_, [&](const auto& job) { return job->key() == key; });
  if (waits || jobs_.size() == kMostJobs) return;
  auto job = std::make_unique<Job>(key, file, coding, compressor_);
  if (static_cast<std::uint64_t>(file.status.st_size) > kAtOnce) {
    jobs_.push_back(std::move(job));
    wake_();
    return;
  }
  while (!job->Step()) {
  }
  Keep(job->TakeResult());
}

bool CompressedFiles::Work() {
  if (jobs_.empty()) return false;
  if (jobs_.front()->Step()) {
    Keep(jobs_.front()->TakeResult());
    jobs_.pop_front();
  }
  return !jobs_.empty();
}

}  // namespace uwsgi
